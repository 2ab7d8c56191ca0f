using System.Diagnostics.Metrics;

namespace Zilla.KafkaCache.Telemetry;

/// <summary>Instruments of MQTT sessions, in the meter of the cache.</summary>
internal sealed class SessionTelemetry : IDisposable
{
    private readonly Meter _meter;

    public SessionTelemetry(IMeterFactory meters)
    {
        _meter = meters.Create(CacheTelemetry.Name);
        Connected = _meter.CreateUpDownCounter<long>("zilla.mqtt.sessions.connected", "{session}", "Sessions whose client is connected, to whatever edge.");
        Active = _meter.CreateUpDownCounter<long>("zilla.mqtt.sessions.active", "{session}", "Sessions held in memory.");
        Activations = _meter.CreateCounter<long>("zilla.mqtt.sessions.activations", "{session}", "Sessions that were read from their records.");
        Takeovers = _meter.CreateCounter<long>("zilla.mqtt.sessions.takeovers", "{session}", "Connections that lost their session to another.");
        Expired = _meter.CreateCounter<long>("zilla.mqtt.sessions.expired", "{session}", "Sessions that ended because their client did not come back.");
        Commits = _meter.CreateCounter<long>("zilla.mqtt.sessions.commits", "{commit}", "Changes that sessions wrote; several share a transaction.");
        Wills = _meter.CreateCounter<long>("zilla.mqtt.wills.sent", "{message}", "Wills that were published.");
        Shares = _meter.CreateUpDownCounter<long>("zilla.mqtt.shares", "{share}", "Shared subscriptions with clients.");
        ShareMembers = _meter.CreateUpDownCounter<long>("zilla.mqtt.share.members", "{client}", "Clients that take part in shared subscriptions.");
        Shared = _meter.CreateCounter<long>("zilla.mqtt.share.records", "{record}", "Records handed to a client of a shared subscription.");
    }

    public UpDownCounter<long> Connected { get; }
    public UpDownCounter<long> Active { get; }
    public Counter<long> Activations { get; }
    public Counter<long> Takeovers { get; }
    public Counter<long> Expired { get; }
    public Counter<long> Commits { get; }
    public Counter<long> Wills { get; }
    public UpDownCounter<long> Shares { get; }
    public UpDownCounter<long> ShareMembers { get; }
    public Counter<long> Shared { get; }

    public void Dispose() => _meter.Dispose();
}
