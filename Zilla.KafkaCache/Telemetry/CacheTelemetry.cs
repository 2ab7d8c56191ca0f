using System.Diagnostics;
using System.Diagnostics.Metrics;
using Zilla.KafkaCache.Cache;
using Zilla.KafkaCache.Clusters;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Telemetry;

/// <summary>Spans and instruments of the cache, all named <c>Zilla.KafkaCache</c>.</summary>
internal sealed class CacheTelemetry : IDisposable
{
    public const string Name = "Zilla.KafkaCache";

    private static readonly ActivitySource Source = new(Name);

    private readonly Meter _meter;

    public CacheTelemetry(IMeterFactory meters, MemoryBudget budget, ClusterRegistry clusters)
    {
        _meter = meters.Create(Name);
        FetchStreams = _meter.CreateUpDownCounter<long>("zilla.cache.fetch.streams", "{stream}", "Open fetch streams.");
        Sent = _meter.CreateCounter<long>("zilla.cache.fetch.records", "{record}", "Records sent to readers.");
        ReadThrough = _meter.CreateCounter<long>("zilla.cache.readthrough.records", "{record}", "Records sent to readers that were not held and came from Kafka.");
        Produced = _meter.CreateCounter<long>("zilla.cache.produce.records", "{record}", "Records that Kafka acknowledged.");
        ProduceErrors = _meter.CreateCounter<long>("zilla.cache.produce.errors", "{error}", "Records that were not written, by cause.");
        _meter.CreateObservableGauge("zilla.cache.memory.held", () => budget.Held, "By", "Memory held by records, their indexes and what is being read.");
        _meter.CreateObservableGauge("zilla.cache.memory.budget", () => budget.Limit, "By", "Memory that records and their indexes may take.");
        _meter.CreateObservableCounter("zilla.cache.memory.dropped", () => budget.Dropped, "{segment}", "Segments dropped because of the budget.");
        _meter.CreateObservableGauge("zilla.cache.disk.held", () => budget.Spill?.Held ?? 0, "By", "Disk space held by records that memory cannot hold.");
        _meter.CreateObservableGauge("zilla.cache.disk.budget", () => budget.Spill?.Limit ?? 0, "By", "Disk space that records may take.");
        _meter.CreateObservableCounter("zilla.cache.disk.written", () => budget.Spill?.Written ?? 0, "{segment}", "Segments moved to disk.");
        _meter.CreateObservableCounter("zilla.cache.disk.errors", () => budget.Spill?.Failures ?? 0, "{error}", "Reads and writes of the disk that failed.");
        _meter.CreateObservableGauge("zilla.cache.topic.records", () => TopicGauges.Records(clusters), "{record}", "Records held.");
        _meter.CreateObservableGauge("zilla.cache.topic.bytes", () => TopicGauges.Bytes(clusters), "By", "Memory held, by topic.");
        _meter.CreateObservableGauge("zilla.cache.topic.hydrated", () => TopicGauges.Hydrated(clusters), "{topic}", "1 when all of a topic is held, else 0.");
        _meter.CreateObservableGauge("zilla.cache.topic.lag", () => TopicGauges.Lag(clusters), "{record}", "Records known to be in Kafka that are not here yet.");
        _meter.CreateObservableGauge("zilla.cache.partition.lag", () => TopicGauges.PartitionLag(clusters), "{record}", "As zilla.cache.topic.lag, by partition.");
        _meter.CreateObservableGauge("zilla.cache.partition.offset", () => TopicGauges.Offset(clusters), "{offset}", "The offset after the last that is here.");
        _meter.CreateObservableGauge("zilla.cache.cluster.up", () => ClusterGauges.Up(clusters), "{cluster}", "1 when brokers answer, else 0.");
        _meter.CreateObservableGauge("zilla.mqtt.sessions.partitions", () => ClusterGauges.OwnedPartitions(clusters), "{partition}", "Partitions of sessions topics that this replica owns.");
        _meter.CreateObservableGauge("zilla.grpc.work.partitions", () => ClusterGauges.WorkPartitions(clusters), "{partition}", "Partitions with calls of kafka-grpc bindings that are this replica's.");
    }

    public UpDownCounter<long> FetchStreams { get; }
    public Counter<long> Sent { get; }
    public Counter<long> ReadThrough { get; }
    public Counter<long> Produced { get; }
    public Counter<long> ProduceErrors { get; }

    /// <summary>Starts the span of a stream as a child of the one that its BEGIN names.</summary>
    public static Activity? Start(string operation, Begin begin, string cluster, string topic)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        _ = ActivityContext.TryParse(begin.Traceparent, begin.Tracestate, isRemote: true, out var parent);
        var activity = Source.StartActivity($"{operation} {topic}", ActivityKind.Server, parent);
        activity?.SetTag("messaging.system", "kafka");
        activity?.SetTag("messaging.destination.name", topic);
        activity?.SetTag("zilla.cluster", cluster);
        return activity;
    }

    public void Dispose() => _meter.Dispose();
}
