using System.Collections.Concurrent;
using System.Diagnostics;
using Zilla.KafkaCache.Telemetry;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Telemetry;

public sealed class CacheTelemetryTests(KafkaBrokerFixture kafka) : IClassFixture<KafkaBrokerFixture>
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c", SpanId = "b7ad6b7169203331";

    [Fact]
    public async Task Stream_TraceparentInBegin_SpansContinueIt()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == CacheTelemetry.Name,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var topic = await kafka.Broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(kafka.BootstrapServers);
        var traceparent = $"00-{TraceId}-{SpanId}-01";

        await new ProduceWriter(replica.Open(begin => (begin.Topic, begin.Produce) = (topic, new()), traceparent)).SendAsync("a", "1");
        await new FetchReader(replica.Open(begin => (begin.Topic, begin.Fetch) = (topic, new()), traceparent)).ToEndAsync();

        // Other tests' streams are listened to as well.
        await Eventually.HoldsAsync(() => spans.Count(span => span.OperationName.EndsWith(topic, StringComparison.Ordinal)) == 2);
        var own = spans.Where(span => span.OperationName.EndsWith(topic, StringComparison.Ordinal)).ToArray();
        Assert.Equal(["fetch " + topic, "produce " + topic], own.Select(span => span.OperationName).Order());
        Assert.All(own, span => Assert.Equal((TraceId, SpanId), (span.TraceId.ToHexString(), span.ParentSpanId.ToHexString())));
        var (read, written) = (own.Single(span => span.OperationName.StartsWith('f')), own.Single(span => span.OperationName.StartsWith('p')));
        Assert.Equal(written.Context.SpanId, Assert.Single(read.Links).Context.SpanId);
    }

    [Fact]
    public async Task Gauges_FilledTopic_AreMeasuredPerTopic()
    {
        var topic = await kafka.Broker.CreateTopicAsync(2);
        await kafka.Broker.ProduceAsync(topic, (0, "a", "1"), (1, "b", "2"), (1, "c", "3"));
        await using var replica = await CacheReplica.StartAsync(kafka.BootstrapServers);
        await replica.Fetch(topic).ToEndAsync();

        Assert.Equal(3, InstrumentReader.Measure("zilla.cache.topic.records", topic));
        Assert.Equal(1, InstrumentReader.Measure("zilla.cache.topic.hydrated", topic));
        Assert.Equal(0, InstrumentReader.Measure("zilla.cache.topic.lag", topic));
        Assert.True(InstrumentReader.Measure("zilla.cache.topic.bytes", topic) > 0);
        Assert.Equal(0, InstrumentReader.Measure("zilla.cache.partition.lag", topic));
        Assert.Equal(2, InstrumentReader.Measure("zilla.cache.partition.offset", topic)); // of the last partition
    }
}
