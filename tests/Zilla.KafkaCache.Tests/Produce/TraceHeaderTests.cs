using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Produce;

/// <summary>Which records carry the trace of the request that wrote them.</summary>
public sealed class TraceHeaderTests(KafkaBrokerFixture kafka) : IClassFixture<KafkaBrokerFixture>
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-";
    private const string Traceparent = Trace + "b7ad6b7169203331-01";

    [Fact]
    public async Task Produce_InATrace_HasItsTraceparentBehindAllOtherHeaders()
    {
        var headers = await HeadersAsync(Traceparent, ("content-type", "text/plain"));

        Assert.Equal(["content-type=text/plain", Trace], [headers[0], headers[1]["traceparent=".Length..][..Trace.Length]]);
    }

    [Fact]
    public async Task Produce_InATrace_RecordWithoutHeaders_HasOne() => Assert.StartsWith("traceparent=" + Trace, Assert.Single(await HeadersAsync(Traceparent)), StringComparison.Ordinal);

    [Fact]
    public async Task Produce_InNoTrace_HasNone() => Assert.Empty(await HeadersAsync(""));

    [Fact]
    public async Task Produce_RecordNamesATraceItself_IsKept() => Assert.Equal(["traceparent=own"], await HeadersAsync(Traceparent, ("traceparent", "own")));

    [Fact]
    public async Task Produce_WholeRequest_IsLeftAlone() => Assert.Equal([":method=PUT", "zilla:correlation-id=1"], await HeadersAsync(Traceparent, (":method", "PUT"), ("zilla:correlation-id", "1")));

    [Fact]
    public async Task Produce_TurnedOff_HasNone()
    {
        var topic = await kafka.Broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(kafka.BootstrapServers, new CacheOptions { TraceHeaders = false, MetadataRefresh = TimeSpan.FromMilliseconds(500) });

        Assert.Empty(await HeadersAsync(replica, topic, Traceparent));
    }

    private async Task<string[]> HeadersAsync(string traceparent, params (string, string?)[] headers)
    {
        var topic = await kafka.Broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(kafka.BootstrapServers);
        return await HeadersAsync(replica, topic, traceparent, headers);
    }

    private static async Task<string[]> HeadersAsync(CacheReplica replica, string topic, string traceparent, params (string, string?)[] headers)
    {
        await new ProduceWriter(replica.Open(begin => (begin.Topic, begin.Produce) = (topic, new()), traceparent)).SendAsync("a", "1", headers);
        var read = await replica.Fetch(topic).ToEndAsync();
        return [.. Assert.Single(read.Heads).Headers.Select(header => $"{header.Name}={header.Value.ToStringUtf8()}")];
    }
}
