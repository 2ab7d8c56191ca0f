using System.Buffers;
using Zilla.Edge.Cache;
using Zilla.Edge.Tests.Fakes;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.Edge.Tests.Cache;

/// <summary>What a request does while replicas go and come.</summary>
public sealed class PatienceTests
{
    private static readonly TopicName Items = new("cluster", "items");

    [Theory]
    [InlineData(Cause.ShuttingDown)]
    [InlineData(Cause.UnknownCluster)]
    public async Task Produce_RefusedByAReplica_GoesToAnother_Once(Cause cause)
    {
        var topics = new System.Collections.Concurrent.ConcurrentDictionary<string, FakeTopic>();
        await using var leaving = new FakeCache("replica-0", topics) { Refusal = new StreamBrokenException(cause, "going away") };
        await using var staying = new FakeCache("replica-1", topics);
        var topic = staying.Topic("items");
        using var client = Caches.Client(leaving, staying);

        for (var record = 0; record < 4; record++)
        {
            await client.ProduceAsync(Record(), CancellationToken.None);
        }

        Assert.Equal(4, topic.End(0));
        Assert.NotEmpty(leaving.Opened);
    }

    [Theory]
    [InlineData(Cause.Unavailable)] // Kafka may have it
    [InlineData(Cause.Overloaded)]
    [InlineData(Cause.InvalidRecord)]
    public async Task Produce_RefusedForAnotherReason_IsNotTriedAgain(Cause cause)
    {
        await using var cache = new FakeCache { Refusal = new StreamBrokenException(cause, "no") };
        using var client = Caches.Client(cache);

        Assert.Equal(cause, (await Assert.ThrowsAsync<StreamBrokenException>(() => client.ProduceAsync(Record(), CancellationToken.None))).Cause);
        Assert.Single(cache.Opened);
    }

    [Fact]
    public async Task Produce_LaneLostBeforeTheAnswer_IsNotTriedAgain()
    {
        await using var cache = new FakeCache();
        cache.Topic("items");
        cache.BeforeWrite = cache.CutAsync;
        using var client = Caches.Client(cache);

        var broken = await Assert.ThrowsAsync<StreamBrokenException>(() => client.ProduceAsync(Record(), CancellationToken.None));

        Assert.False(broken.IsRefusal);
        Assert.Single(cache.Opened);
    }

    [Fact]
    public async Task Fetch_NoReplicaForAMoment_IsServedByTheFirstThatComes()
    {
        await using var cache = new FakeCache { IsConnected = false };
        cache.Topic("items").Append(0, "a", "1");
        using var client = Caches.Client(cache);

        var opening = client.FetchAsync(new FetchRequest(Items), CancellationToken.None);
        Assert.False(opening.IsCompleted);
        cache.IsConnected = true;

        await using var reader = await opening;
        Assert.True((await reader.ReadAsync(CancellationToken.None)).Found);
    }

    private static ProduceRequest Record() => new(Items) { Value = new ReadOnlySequence<byte>("1"u8.ToArray()) };
}
