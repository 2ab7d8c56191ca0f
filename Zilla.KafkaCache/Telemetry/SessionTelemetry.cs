using System.Diagnostics.Metrics;

namespace Zilla.KafkaCache.Telemetry;

/// <summary>Instruments of MQTT sessions, in the meter of the cache.</summary>
internal sealed class SessionTelemetry(IMeterFactory meters) : IDisposable
{
    private readonly Meter _meter = meters.Create(CacheTelemetry.Name);

    public UpDownCounter<long> Connected => field ??= _meter.CreateUpDownCounter<long>("zilla.mqtt.sessions.connected", "{session}", "Sessions whose client is connected, to whatever edge.");
    public UpDownCounter<long> Active => field ??= _meter.CreateUpDownCounter<long>("zilla.mqtt.sessions.active", "{session}", "Sessions held in memory.");
    public Counter<long> Activations => field ??= _meter.CreateCounter<long>("zilla.mqtt.sessions.activations", "{session}", "Sessions that were read from their records.");
    public Counter<long> Takeovers => field ??= _meter.CreateCounter<long>("zilla.mqtt.sessions.takeovers", "{session}", "Connections that lost their session to another.");
    public Counter<long> Expired => field ??= _meter.CreateCounter<long>("zilla.mqtt.sessions.expired", "{session}", "Sessions that ended because their client did not come back.");
    public Counter<long> Wills => field ??= _meter.CreateCounter<long>("zilla.mqtt.wills.sent", "{message}", "Wills that were published.");
    public Counter<long> Commits => field ??= _meter.CreateCounter<long>("zilla.mqtt.sessions.commits", "{commit}", "Changes that sessions wrote; several share a transaction.");
    public UpDownCounter<long> Shares => field ??= _meter.CreateUpDownCounter<long>("zilla.mqtt.shares", "{share}", "Shared subscriptions with clients.");
    public UpDownCounter<long> ShareMembers => field ??= _meter.CreateUpDownCounter<long>("zilla.mqtt.share.members", "{client}", "Clients that take part in shared subscriptions.");
    public Counter<long> Shared => field ??= _meter.CreateCounter<long>("zilla.mqtt.share.records", "{record}", "Records handed to a client of a shared subscription.");

    public void Dispose() => _meter.Dispose();
}
