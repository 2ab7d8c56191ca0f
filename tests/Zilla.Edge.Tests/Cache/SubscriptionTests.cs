using Zilla.Edge.Cache;
using Zilla.Edge.Tests.Fakes;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.Edge.Tests.Cache;

public sealed class SubscriptionTests
{
    private static readonly TopicName Items = new("cluster", "items");

    [Fact]
    public async Task Subscribe_HistoryThenLive_EachRecordOnceInOrder()
    {
        await using var cache = new FakeCache();
        var topic = cache.Topic("items");
        topic.Append(0, "a", "1");
        topic.Append(0, "b", "2");
        using var client = Caches.Client(cache);

        await using var follower = await Follower.StartAsync(client, Items);
        await Eventually.HoldsAsync(() => follower.Got.Count == 2);
        topic.Append(0, "a", null);
        await Eventually.HoldsAsync(() => follower.Got.Count == 3);

        Assert.Equal([(0, 0, "a", "1"), (0, 1, "b", "2"), (0, 2L, "a", null)], follower.Got);
    }

    [Fact]
    public async Task Subscribe_FromTheEnd_OnlyWhatComes()
    {
        await using var cache = new FakeCache();
        var topic = cache.Topic("items");
        topic.Append(0, "a", "1");
        using var client = Caches.Client(cache);

        await using var follower = new Follower(await client.SubscribeAsync(Items, from: null, [], CancellationToken.None));
        topic.Append(0, "a", "2");

        await Eventually.HoldsAsync(() => !follower.Got.IsEmpty);
        Assert.Equal([(0, 1L, "a", "2")], follower.Got);
    }

    [Fact]
    public async Task Subscribe_ManyClients_OneLiveStream()
    {
        await using var cache = new FakeCache();
        var topic = cache.Topic("items");
        using var client = Caches.Client(cache);

        var followers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Follower.StartAsync(client, Items, null, Follower.Key($"{i % 5}"))));
        topic.Append(0, "3", "x");

        await Eventually.HoldsAsync(() => followers.Sum(f => f.Got.Count) == 10);
        Assert.Single(cache.Opened, b => b.Kafka.Fetch.Bound == KafkaFetch.Types.Bound.Live);
        Assert.All(followers, (f, i) => Assert.Equal(i % 5 == 3 ? 1 : 0, f.Got.Count));
        foreach (var follower in followers)
        {
            await follower.DisposeAsync();
        }
    }

    [Fact]
    public async Task Subscribe_SeveralFiltersMatch_RecordOnce()
    {
        await using var cache = new FakeCache();
        var topic = cache.Topic("items");
        using var client = Caches.Client(cache);

        await using var follower = await Follower.StartAsync(client, Items, null, Follower.Key("a"), Follower.Header("h", "1"), Follower.Header("h", "2"));
        topic.Append(0, "a", "all", ("h", "1"), ("h", "2"));
        topic.Append(0, "b", "none", ("h", "3"));
        topic.Append(0, "b", "header", ("x", "y"), ("h", "2"));

        await Eventually.HoldsAsync(() => follower.Got.Count == 2);
        Assert.Equal(["all", "header"], follower.Got.Select(g => g.Value));
    }

    [Fact]
    public async Task Read_QueueOverflows_GoesThroughHistoryAndMissesNothing()
    {
        await using var cache = new FakeCache();
        var topic = cache.Topic("items");
        using var client = Caches.Client(new CacheOptions { QueueRecords = 2, RetryDelay = TimeSpan.FromMilliseconds(1) }, null, cache);
        await using var slow = await Follower.StartAsync(client, Items);
        await using var fast = await Follower.StartAsync(client, Items, null, Follower.Key("k"));
        slow.Hold();

        for (var i = 0; i < 50; i++)
        {
            topic.Append(0, i % 10 == 0 ? "k" : "other", $"{i}");
        }

        await Eventually.HoldsAsync(() => fast.Got.Count == 5); // a stalled reader costs the others nothing
        slow.Continue();

        await Eventually.HoldsAsync(() => slow.Got.Count == 50);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)i), slow.Got.Select(g => g.Offset));
        Assert.Contains(cache.Opened, b => b.Kafka.Fetch.Bound == KafkaFetch.Types.Bound.Progress);
    }

    [Fact]
    public async Task Read_ReplicaLost_GoesOnWithoutGapOrRepeat()
    {
        var topics = new System.Collections.Concurrent.ConcurrentDictionary<string, FakeTopic>();
        await using var one = new FakeCache("one", topics);
        await using var two = new FakeCache("two", topics);
        var topic = one.Topic("items");
        using var client = Caches.Client(one, two);
        await using var follower = await Follower.StartAsync(client, Items);
        topic.Append(0, "a", "1");
        await Eventually.HoldsAsync(() => follower.Got.Count == 1);

        var serving = one.Opened.IsEmpty ? two : one;
        serving.IsConnected = false;
        await serving.CutAsync();
        topic.Append(0, "a", "2");

        await Eventually.HoldsAsync(() => follower.Got.Count == 2);
        Assert.Equal(["1", "2"], follower.Got.Select(g => g.Value));
    }

    [Fact]
    public async Task Subscribe_NoReplicaForLongerThanPatience_Fails()
    {
        await using var cache = new FakeCache { IsConnected = false };
        using var client = Caches.Client(new CacheOptions { Patience = TimeSpan.FromMilliseconds(100) }, null, cache);

        var broken = await Assert.ThrowsAsync<StreamBrokenException>(() => client.SubscribeAsync(Items, null, [], CancellationToken.None));

        Assert.Equal(Cause.LaneLost, broken.Cause);
    }

    [Fact]
    public async Task Subscribe_UnknownTopic_SaysSo_AndWorksOnceItExists()
    {
        await using var cache = new FakeCache();
        using var client = Caches.Client(cache);

        var broken = await Assert.ThrowsAsync<StreamBrokenException>(() => client.SubscribeAsync(Items, null, [], CancellationToken.None));
        Assert.Equal(Cause.UnknownTopic, broken.Cause);

        cache.Topic("items").Append(0, "a", "1");
        await using var follower = await Follower.StartAsync(client, Items);
        await Eventually.HoldsAsync(() => follower.Got.Count == 1);
    }

    [Fact]
    public async Task Feed_LastSubscriberGone_ReleasedAfterTheLinger()
    {
        var time = new ManualTime();
        await using var cache = new FakeCache();
        cache.Topic("items");
        using var client = Caches.Client(new CacheOptions { FeedLinger = TimeSpan.FromSeconds(30) }, time, cache);
        await (await Follower.StartAsync(client, Items)).DisposeAsync();
        Assert.Equal(1, cache.OpenStreams);

        time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(1, cache.OpenStreams);
        time.Advance(TimeSpan.FromSeconds(1));

        await Eventually.HoldsAsync(() => cache.OpenStreams == 0);
    }

    [Fact]
    public async Task Feed_NewSubscriberWithinTheLinger_FeedKept()
    {
        var time = new ManualTime();
        await using var cache = new FakeCache();
        cache.Topic("items");
        using var client = Caches.Client(new CacheOptions { FeedLinger = TimeSpan.FromSeconds(30) }, time, cache);
        await (await Follower.StartAsync(client, Items)).DisposeAsync();
        time.Advance(TimeSpan.FromSeconds(10));
        await using var second = await Follower.StartAsync(client, Items);

        time.Advance(TimeSpan.FromMinutes(5));
        cache.Topic("items").Append(0, "a", "1");

        await Eventually.HoldsAsync(() => second.Got.Count == 1);
        Assert.Single(cache.Opened);
    }

    [Fact]
    public async Task Subscribe_PositionAheadOfTheReplica_NothingBelowIsRepeated()
    {
        await using var cache = new FakeCache { Lag = 2 };
        var topic = cache.Topic("items");
        topic.Append(0, "a", "0");
        topic.Append(0, "a", "1");
        topic.Append(0, "a", "2");
        using var client = Caches.Client(cache);

        await using var follower = await Follower.StartAsync(client, Items, KafkaProgress.Of(0, 2));
        cache.Lag = 0;
        topic.Pulse();

        await Eventually.HoldsAsync(() => !follower.Got.IsEmpty);
        Assert.Equal([(0, 2L, "a", "2")], follower.Got);
    }

    [Fact]
    public async Task Read_LargeRecord_PutTogether()
    {
        await using var cache = new FakeCache();
        var value = new string('x', 10_500);
        cache.Topic("items").Append(0, "a", value);
        using var client = Caches.Client(cache);

        await using var follower = await Follower.StartAsync(client, Items);

        await Eventually.HoldsAsync(() => follower.Got.Count == 1);
        Assert.Equal(value, follower.Got.Single().Value);
    }

    [Fact]
    public async Task Dispose_Client_EndsSubscriptions()
    {
        await using var cache = new FakeCache();
        cache.Topic("items");
        var client = Caches.Client(cache);
        await using var follower = await Follower.StartAsync(client, Items);

        client.Dispose();

        var broken = await Assert.ThrowsAsync<StreamBrokenException>(() => follower.Ended.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(Cause.ShuttingDown, broken.Cause);
    }

    [Fact]
    public async Task Subscribe_TopicMadeAnew_AllOfItIsNews()
    {
        await using var cache = new FakeCache { StartsAnewBehindTheEnd = true };
        var topic = cache.Topic("items");
        topic.Append(0, "a", "0");
        using var client = Caches.Client(cache);

        await using var follower = await Follower.StartAsync(client, Items, KafkaProgress.Of(0, 1000));
        await Eventually.HoldsAsync(() => follower.Got.Count == 1);
        topic.Append(0, "a", "1");

        await Eventually.HoldsAsync(() => follower.Got.Count == 2);
        Assert.Equal(["0", "1"], follower.Got.Select(g => g.Value));
    }
}
