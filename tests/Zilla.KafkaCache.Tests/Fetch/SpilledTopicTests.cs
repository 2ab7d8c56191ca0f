using System.Globalization;
using Zilla.KafkaCache.Cache;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Fetch;

/// <summary>Topics that are several times as large as the memory, held with the help of the disk.</summary>
public sealed class SpilledTopicTests(KafkaBrokerFixture kafka) : IClassFixture<KafkaBrokerFixture>, IDisposable
{
    private const int Count = 1500;

    private static readonly CacheOptions Small = new() { MemoryBudget = 1 << 20, DiskBudget = 64 << 20 };
    private static readonly string Filler = new('x', 1000);

    private readonly KafkaBroker _broker = kafka.Broker;
    private readonly string _state = Directory.CreateTempSubdirectory("zilla-cache-").FullName;

    [Fact]
    public async Task End_SeveralTopicsSeveralTimesTheBudget_GivesAllOfThemWithinIt()
    {
        string[] topics = [await FilledAsync("delete"), await FilledAsync("delete"), await FilledAsync("compact")];
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers, Small, state: _state);
        using var over = new CancellationTokenSource();
        var most = Task.Run(() => Watch(replica.Budget, over.Token));

        var reads = await Task.WhenAll(topics.Concat(topics).Select(topic => replica.Fetch(topic).ToEndAsync()));

        await over.CancelAsync();
        Assert.All(reads, read => Assert.Equal(Enumerable.Range(0, Count).Select(offset => (long)offset), read.Heads.Select(head => head.Offset)));
        Assert.All(replica.Cluster.Topics.Topics, topic => Assert.Equal(0, topic.Partitions[0].StartOffset));
        Assert.InRange(await most, Small.MemoryBudget / 2, Small.MemoryBudget);
        Assert.InRange(replica.Budget.Spill!.Held, 3 * Small.MemoryBudget, Small.DiskBudget);
    }

    [Fact]
    public async Task End_KeyOnDisk_IsFoundThere()
    {
        var topic = await FilledAsync("compact");
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers, Small, state: _state);

        var read = await replica.Fetch(topic, new() { Filters = { CacheReplica.Key("k3"), CacheReplica.Key("never") } }).ToEndAsync();

        Assert.Equal(["0/3:k3=" + Filler], read.Records);
        Assert.NotNull(replica.Cluster.Topics.Topics.Single().Partitions[0].Segments[0].Spilled);
    }

    [Fact]
    public async Task End_DiskForHalfOfIt_JoinsKafkaDiskAndMemoryWithoutGapOrRepeat()
    {
        var topic = await FilledAsync("compact");
        await _broker.ProduceAsync(topic, (0, "k3", "new"));
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers, Small with { MemoryBudget = 500_000, DiskBudget = 500_000 }, state: _state);

        var read = await replica.Fetch(topic).ToEndAsync();

        Assert.Equal(Enumerable.Range(0, Count + 1).Where(offset => offset != 3).Select(offset => (long)offset), read.Heads.Select(head => head.Offset));
        var log = replica.Cluster.Topics.Topics.Single().Partitions[0];
        Assert.InRange(log.StartOffset, 1, Count);
        Assert.Contains(log.Segments, segment => segment.Spilled is not null);
        Assert.Equal(["0/4:k4=" + Filler], (await replica.Fetch(topic, new() { Filters = { CacheReplica.Key("k4") } }).ToEndAsync()).Records);
    }

    public void Dispose() => Directory.Delete(_state, recursive: true);

    private static long Watch(MemoryBudget budget, CancellationToken over)
    {
        var most = 0L;
        while (!over.IsCancellationRequested)
        {
            most = Math.Max(most, budget.Held);
            Thread.Yield();
        }

        return most;
    }

    private async Task<string> FilledAsync(string cleanup)
    {
        var topic = await _broker.CreateTopicAsync(configuration: new() { ["cleanup.policy"] = cleanup });
        await _broker.ProduceAsync(topic, [.. Enumerable.Range(0, Count).Select(index => (0, (string?)string.Create(CultureInfo.InvariantCulture, $"k{index}"), (string?)Filler))]);
        return topic;
    }
}
