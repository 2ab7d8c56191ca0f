using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.V1;
using Zilla.Testing;
using Acks = Zilla.Streams.V1.KafkaProduce.Types.Acks;
using Bound = Zilla.Streams.V1.KafkaFetch.Types.Bound;

namespace Zilla.KafkaCache.Tests.Produce;

public sealed class ProduceStreamTests(KafkaBrokerFixture kafka) : IClassFixture<KafkaBrokerFixture>
{
    private readonly KafkaBroker _broker = kafka.Broker;

    [Theory]
    [InlineData(Acks.InSyncReplicas)]
    [InlineData(Acks.LeaderOnly)]
    public async Task Produce_Acknowledged_RepliesWithPartitionAndNextOffset(Acks acks)
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);

        Assert.Equal(1, (await replica.Produce(topic, acks).SendAsync("a", "1"))[0]);
        Assert.Equal(2, (await replica.Produce(topic, acks).SendAsync("a", "2"))[0]);
    }

    [Fact]
    public async Task Produce_AcksNone_RepliesWithoutAnOffsetAndStillWrites()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await using var reader = replica.Fetch(topic, new() { Bound = Bound.Live });

        Assert.True((await replica.Produce(topic, Acks.None).SendAsync("a", "1")).Partitions.IsEmpty);

        await reader.UntilAsync(r => r.Records.Count == 1);
        Assert.Equal(["0/0:a=1"], reader.Records);
    }

    [Fact]
    public async Task Produce_Record_KeepsHeadersInOrderNullsAndTimestamp()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        var writer = replica.Produce(topic);
        var head = ProduceWriter.Head(null, ("b", "1"), ("a", null), ("b", ""), ("a", "2"));
        head.Timestamp = 1_700_000_000_123;
        await writer.WriteAsync(head, "");
        await writer.EndAsync();
        await replica.Produce(topic).SendAsync("", null);

        var read = await replica.Fetch(topic).ToEndAsync();

        Assert.Equal(["0/0:-=", "0/1:=-"], read.Records);
        Assert.Equal(["b=1", "a=null", "b=", "a=2"], read.Heads[0].Headers.Select(h => $"{h.Name}={(h.HasValue ? h.Value.ToStringUtf8() : "null")}"));
        Assert.Equal(1_700_000_000_123, read.Heads[0].Timestamp);
    }

    // Partitions that Kafka's Java client gives these keys of 10: murmur2(key) & 0x7fffffff % 10.
    [Theory]
    [InlineData("item-1")]
    [InlineData("another key")]
    [InlineData("")]
    public async Task Produce_Keyed_GoesWhereKafkasDefaultPartitionerPutsIt(string key)
    {
        var topic = await _broker.CreateTopicAsync(10);
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);

        var progress = await replica.Produce(topic).SendAsync(key, "1");

        Assert.Equal(Murmur2.Partition(key, 10), progress.Partitions[0].Partition);
    }

    [Fact]
    public async Task Produce_PartitionNamed_GoesThere()
    {
        var topic = await _broker.CreateTopicAsync(5);
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        var writer = replica.Produce(topic);
        var head = ProduceWriter.Head("a");
        head.Partition = 4;
        await writer.WriteAsync(head, "1");

        Assert.Equal(4, (await writer.EndAsync()).Partitions[0].Partition);
    }

    [Fact]
    public async Task Produce_RecordInSeveralFrames_IsWrittenWhole()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        var writer = replica.Produce(topic);
        await writer.WriteAsync(ProduceWriter.Head("a"), "one ", DataFlags.Init);
        await writer.WriteAsync(new(), "two ", DataFlags.None);
        await writer.WriteAsync(new(), "three", DataFlags.Fin);
        await writer.EndAsync();

        Assert.Equal(["0/0:a=one two three"], (await replica.Fetch(topic).ToEndAsync()).Records);
    }

    [Fact]
    public async Task Produce_AbortedBeforeItsEnd_WritesNothing()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        var aborted = replica.Produce(topic);
        await aborted.WriteAsync(ProduceWriter.Head("a"), "never");
        aborted.Stream.Abort(Cause.Cancelled, "changed its mind");
        await aborted.DisposeAsync();

        Assert.Equal(1, (await replica.Produce(topic).SendAsync("b", "only"))[0]);
    }

    [Fact]
    public async Task Produce_CutShort_WritesNothing()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        var cut = replica.Produce(topic);
        await cut.WriteAsync(ProduceWriter.Head("a"), "begun", DataFlags.Init);
        await cut.WriteAsync(new(), "", DataFlags.Fin | DataFlags.Incomplete);
        await Assert.ThrowsAsync<StreamBrokenException>(cut.EndAsync);

        Assert.Equal(1, (await replica.Produce(topic).SendAsync("b", "only"))[0]);
    }

    [Fact]
    public async Task Produce_EndWithoutARecord_IsAProtocolError()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);

        Assert.Equal(Cause.ProtocolError, (await Assert.ThrowsAsync<StreamBrokenException>(replica.Produce(topic).EndAsync)).Cause);
    }

    [Fact]
    public async Task Produce_LargerThanAllowed_IsAnInvalidRecord()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers, new() { MaxRecordBytes = 1000 });

        var broken = await Assert.ThrowsAsync<StreamBrokenException>(() => replica.Produce(topic).SendAsync("a", new string('x', 1001)));

        Assert.Equal(Cause.InvalidRecord, broken.Cause);
    }

    [Fact]
    public async Task Produce_LargerThanTheTopicAllows_IsAnInvalidRecordInKafkasWords()
    {
        var topic = await _broker.CreateTopicAsync(configuration: new() { ["max.message.bytes"] = "2000" });
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);

        var broken = await Assert.ThrowsAsync<StreamBrokenException>(() => replica.Produce(topic).SendAsync("a", new string('x', 5000)));

        Assert.Equal(Cause.InvalidRecord, broken.Cause);
        Assert.Contains("too large", broken.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Produce_ManyAtOnce_AreAllWrittenOnce()
    {
        var topic = await _broker.CreateTopicAsync(3);
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);

        var progresses = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => replica.Produce(topic).SendAsync($"k{i}", $"v{i}")));

        var places = progresses.Select(p => (p.Partitions[0].Partition, p.Partitions[0].Offset)).ToHashSet();
        Assert.Equal(500, places.Count);
        await using var reader = replica.Fetch(topic, new() { Bound = Bound.Live });
        await reader.UntilAsync(r => r.Records.Count == 500);
        Assert.Equal(places, reader.Heads.Select(h => (h.Partition, h.Offset + 1)).ToHashSet());
    }
}
