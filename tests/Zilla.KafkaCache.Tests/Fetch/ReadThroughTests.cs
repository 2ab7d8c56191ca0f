using Google.Protobuf;
using Zilla.Config.Bindings;
using Zilla.Streams.Kafka;
using Zilla.Testing;
using Bound = Zilla.Streams.V1.KafkaFetch.Types.Bound;

namespace Zilla.KafkaCache.Tests.Fetch;

/// <summary>What is in Kafka and not held any more, or never was, is read through from there.</summary>
public sealed class ReadThroughTests(KafkaBrokerFixture kafka) : IClassFixture<KafkaBrokerFixture>
{
    private const int Count = 600;

    // Room for a few segments, of records of 1 KiB.
    private static readonly CacheOptions Small = new() { MemoryBudget = 150_000 };
    private static readonly string Filler = new('x', 1000);

    private readonly KafkaBroker _broker = kafka.Broker;

    [Fact]
    public async Task End_OlderRecordsGaveWay_GivesAllOfThemOnceAndInOrder()
    {
        var topic = await FilledAsync(1);
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers, Small);

        var read = await replica.Fetch(topic).ToEndAsync();

        Assert.Equal(Enumerable.Range(0, Count).Select(offset => (long)offset), read.Heads.Select(head => head.Offset));
        Assert.Equal(KafkaProgress.Of(0, 0), read.Flushes[0]);
        Assert.Equal(KafkaProgress.Of(0, Count), read.End);
        Assert.True(replica.Cluster.Topics.Topics.Single().Partitions[0].StartOffset > Count / 2, "most of it is not held");
    }

    [Fact]
    public async Task End_FromOffsetThatGaveWay_JoinsWithoutGapOrRepeat()
    {
        var topic = await FilledAsync(1);
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers, Small);

        var read = await replica.Fetch(topic, new() { From = Encode(KafkaProgress.Of(0, 17)) }).ToEndAsync();

        Assert.Equal(Enumerable.Range(17, Count - 17).Select(offset => (long)offset), read.Heads.Select(head => head.Offset));
    }

    [Fact]
    public async Task Limit_ReachedInWhatIsNotHeld_EndsThere()
    {
        var topic = await FilledAsync(1);
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers, Small);

        var read = await replica.Fetch(topic, new() { From = Encode(KafkaProgress.Of(0, 17)), Limit = 3 }).ToEndAsync();

        Assert.Equal([17L, 18, 19], read.Heads.Select(head => head.Offset));
        Assert.Equal(KafkaProgress.Of(0, 20), read.End);
    }

    [Fact]
    public async Task End_Filter_AppliesToWhatIsNotHeld()
    {
        var topic = await FilledAsync(1);
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers, Small);

        var read = await replica.Fetch(topic, new() { Filters = { CacheReplica.Key("k3"), CacheReplica.Key($"k{Count - 1}") } }).ToEndAsync();

        Assert.Equal([3, Count - 1], read.Heads.Select(head => head.Offset));
    }

    [Fact]
    public async Task Live_SlowReaderOvertakenByTheBudget_MissesNothing()
    {
        var topic = await _broker.CreateTopicAsync(2);
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers, Small);
        await using var reader = replica.Fetch(topic, new() { Bound = Bound.Live });
        await reader.UntilAsync(r => r.Flushes.Count == 2);

        // More than the stream's credit, unread.
        await FillAsync(topic, 2, 1500);
        await Eventually.HoldsAsync(() => replica.Cluster.Topics.Topics.Single().Partitions.Sum(partition => partition.NextOffset) == 1500);
        await reader.UntilAsync(r => r.Records.Count == 1500);

        foreach (var partition in new[] { 0, 1 })
        {
            Assert.Equal(Enumerable.Range(0, 750).Select(offset => (long)offset), reader.Heads.Where(head => head.Partition == partition).Select(head => head.Offset));
        }
    }

    [Fact]
    public async Task End_CompactedTopic_GivesTheLatestOfEveryKeyWhereverItIs()
    {
        var topic = await _broker.CreateTopicAsync(configuration: new() { ["cleanup.policy"] = "compact" });
        await _broker.ProduceAsync(topic, (0, "old", "1"), (0, "both", "1"), (0, "old", "2"), (0, "deleted", "1"));
        await FillAsync(topic, 1, Count);
        await _broker.ProduceAsync(topic, (0, "both", "2"), (0, "deleted", null));
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers, Small);

        var read = await replica.Fetch(topic).ToEndAsync();

        Assert.Equal(["0/2:old=2", $"0/{Count + 4}:both=2", $"0/{Count + 5}:deleted=-"], read.Records.Where(record => !record.Contains(Filler, StringComparison.Ordinal)));
        Assert.Equal(Count + 3, read.Records.Count);
        Assert.Equal(["0/2:old=2"], (await replica.Fetch(topic, new() { Filters = { CacheReplica.Key("old") } }).ToEndAsync()).Records);
        Assert.Equal([$"0/{Count + 4}:both=2"], (await replica.Fetch(topic, new() { Filters = { CacheReplica.Key("both") } }).ToEndAsync()).Records);
        Assert.Empty((await replica.Fetch(topic, new() { Filters = { CacheReplica.Key("never") } }).ToEndAsync()).Records);
    }

    [Fact]
    public async Task End_DefaultOffsetLive_OlderOffsetsAreThereForWhoAsks()
    {
        var topic = await _broker.CreateTopicAsync();
        await _broker.ProduceAsync(topic, (0, "a", "1"), (0, "b", "2"));
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await replica.Clusters.ApplyAsync([new()
        {
            Name = CacheReplica.ClusterName,
            Servers = [_broker.BootstrapServers],
            Topics = [new KafkaTopicConfig { Name = topic, DefaultOffset = KafkaDefaultOffset.Live }],
        }]);

        Assert.Empty((await replica.Fetch(topic).ToEndAsync()).Records);
        Assert.Equal(["0/0:a=1", "0/1:b=2"], (await replica.Fetch(topic, new() { From = Encode(KafkaProgress.Of(0, 0)) }).ToEndAsync()).Records);
        Assert.Equal(["0/1:b=2"], (await replica.Fetch(topic, new() { From = Encode(KafkaProgress.Of(0, 1)) }).ToEndAsync()).Records);
    }

    [Fact]
    public async Task End_ManyReadersThatReadNothing_KeepNoMemoryFromOthers()
    {
        var topic = await FilledAsync(1);
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers, Small, lanes: new() { StreamCredit = 64 << 10 });
        var stalled = Enumerable.Range(0, 16).Select(_ => replica.Open(begin => (begin.Topic, begin.Fetch) = (topic, new()))).ToArray();

        var read = await replica.Fetch(topic).ToEndAsync();

        Assert.Equal(Count, read.Records.Count);
        foreach (var stream in stalled)
        {
            // What a slow reader did not take it still gets.
            await using var reader = new FetchReader(stream);
            Assert.Equal(Count, (await reader.ToEndAsync()).Records.Count);
        }

        Assert.Equal(replica.Cluster.Topics.Topics.Single().Partitions[0].HeldBytes, replica.Budget.Held);
    }

    [Fact]
    public async Task End_MoreReadersThanTheirPool_AllAreServed()
    {
        var topic = await FilledAsync(2);
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers, Small with { HistoryReaders = 2 });

        var reads = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => replica.Fetch(topic).ToEndAsync()));

        Assert.All(reads, read => Assert.Equal(Count, read.Records.Distinct().Count()));
        Assert.All(reads, read => Assert.Equal(Count, read.Records.Count));
    }

    private static ByteString Encode(KafkaProgress progress) => ByteString.CopyFrom(progress.Encode());

    private async Task<string> FilledAsync(int partitions)
    {
        var topic = await _broker.CreateTopicAsync(partitions);
        await FillAsync(topic, partitions, Count);
        return topic;
    }

    private Task FillAsync(string topic, int partitions, int count) =>
        _broker.ProduceAsync(topic, [.. Enumerable.Range(0, count).Select(index => (index % partitions, (string?)$"k{index}", (string?)Filler))]);
}
