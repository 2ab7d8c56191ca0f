using System.Diagnostics.Metrics;
using Zilla.KafkaCache.Telemetry;

namespace Zilla.KafkaCache.Work;

/// <summary>Instruments of calls in topics (kafka-grpc), in the meter of the cache.</summary>
internal sealed class WorkTelemetry : IDisposable
{
    private readonly Meter _meter;

    public WorkTelemetry(IMeterFactory meters)
    {
        _meter = meters.Create(CacheTelemetry.Name);
        Calls = _meter.CreateUpDownCounter<long>("zilla.grpc.work.calls", "{call}", "Calls in topics that are not over: waiting, or made by an edge.");
        Finished = _meter.CreateCounter<long>("zilla.grpc.work.finished", "{call}", "Calls in topics that are over.");
        Repeated = _meter.CreateCounter<long>("zilla.grpc.work.repeated", "{call}", "Calls that another edge began anew, since theirs was lost.");
        Refused = _meter.CreateCounter<long>("zilla.grpc.work.refused", "{call}", "Calls that an edge had no route for, and others were asked to make.");
        Poisoned = _meter.CreateCounter<long>("zilla.grpc.work.poisoned", "{call}", "Calls that could not be made, or records that could not be one.");
        Skipped = _meter.CreateCounter<long>("zilla.grpc.work.skipped", "{record}", "Records that are no call: they lack the headers that say what they call.");
    }

    public UpDownCounter<long> Calls { get; }
    public Counter<long> Finished { get; }
    public Counter<long> Repeated { get; }
    public Counter<long> Refused { get; }
    public Counter<long> Poisoned { get; }
    public Counter<long> Skipped { get; }

    public void Dispose() => _meter.Dispose();
}
