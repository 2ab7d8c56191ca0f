using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Zilla.Config.Bindings;
using Zilla.Config.Plans;
using Zilla.Config.Watching;
using Zilla.Edge.Cache;
using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeMqtt.Sessions;
using Zilla.EdgeMqtt.Sessions.Owners;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.Mqtt;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Sessions.Owners;

public sealed class OwnerFeedTests : IAsyncLifetime
{
    private const string Client = "client-1";

    private static readonly SessionSpace Space = new("south", "mqtt-sessions");
    private static readonly string Topic = OwnersTopic.Of(Space.SessionsTopic);
    private static readonly int Number = Murmur2.Partition(Encoding.UTF8.GetBytes(Client), 4);

    private readonly FakeCache _cache = new();
    private readonly CacheClient _client;

    public OwnerFeedTests() => _client = Caches.Client(_cache);

    [Fact]
    public async Task Wait_ClaimsOfBeforeAndOfNow_TheLatestOfThePartition()
    {
        Claim("kafka-cache-0", (Number + 1) % 4);
        var first = Claim("kafka-cache-0", Number);
        var second = Claim("kafka-cache-1", Number);
        await using var feed = Feed();

        Assert.Equal(new(Number, "kafka-cache-1", second), await WaitAsync(feed, first));

        var next = WaitAsync(feed, second);
        Assert.False(next.IsCompleted);
        var third = Claim("kafka-cache-2", Number);
        Assert.Equal(new(Number, "kafka-cache-2", third), await next);
        Assert.Equal("kafka-cache-0", feed.Owners.Find(KeyIn((Number + 1) % 4))?.Instance);
    }

    [Fact]
    public async Task Wait_TopicComesIntoBeingLater_ThenTheOwner()
    {
        await using var feed = Feed();
        var waiting = WaitAsync(feed, -1);
        await Eventually.HoldsAsync(() => !_cache.Opened.IsEmpty);

        Claim("kafka-cache-0", Number);

        Assert.Equal("kafka-cache-0", (await waiting).Instance);
    }

    [Fact]
    public async Task Wait_NoOwnerAsTheTopicIsOfNoUse_TheReplicasReason()
    {
        _cache.Topic(Topic);
        _cache.Sessions = (_, _) => throw new StreamBrokenException(Cause.Misconfigured, "mqtt-sessions is not compacted");
        await using var feed = Feed();

        var broken = await Assert.ThrowsAsync<StreamBrokenException>(() => WaitAsync(feed, -1));

        Assert.Equal((Cause.Misconfigured, "mqtt-sessions is not compacted"), (broken.Cause, broken.Message));
    }

    [Fact]
    public async Task Wait_NoOwnerYet_ManyWhoWaitAskOnce()
    {
        _cache.Topic(Topic);
        var asked = 0;
        _cache.Sessions = (_, _) =>
        {
            Interlocked.Increment(ref asked);
            throw new StreamBrokenException(Cause.NotOwner, "not yet");
        };
        await using var feed = Feed();
        Task<SessionOwner>[] waiting = [.. Enumerable.Range(0, 50).Select(_ => WaitAsync(feed, -1))];
        await Eventually.HoldsAsync(() => asked > 0);

        Claim("kafka-cache-0", Number);

        Assert.All(await Task.WhenAll(waiting), owner => Assert.Equal("kafka-cache-0", owner.Instance));
        Assert.InRange(asked, 1, 5);
    }

    [Fact]
    public async Task Follow_ReplicaLost_GoesOnAndKnowsWhatItKnew()
    {
        var first = Claim("kafka-cache-0", Number);
        await using var feed = Feed();
        await WaitAsync(feed, -1);
        var changes = new List<SessionOwner>();
        feed.Owners.Changed += changes.Add;

        await _cache.CutAsync();
        Assert.Equal(first, feed.Owners.Find(Client)?.Epoch);
        var second = Claim("kafka-cache-1", Number);
        await WaitAsync(feed, first);

        Assert.Equal([new(Number, "kafka-cache-1", second)], changes);
    }

    [Fact]
    public async Task Follow_WhatIsNoClaim_IsPassedOver()
    {
        _cache.Topic(Topic).Append(0, "3", "nonsense");
        _cache.Topic(Topic).Append(0, null, "{}");
        Claim("kafka-cache-0", Number);
        await using var feed = Feed();

        Assert.Equal("kafka-cache-0", (await WaitAsync(feed, -1)).Instance);
    }

    [Fact]
    public void Take_AnOlderEpoch_ChangesNothing()
    {
        var table = new OwnerTable();
        var changes = 0;
        table.Changed += _ => changes++;
        table.Take(new(0, "new", 2), 7);

        table.Take(new(0, "old", 2), 6);
        table.Take(new(0, "same", 2), 7);

        Assert.Equal((2, 1), (table.Partitions, changes));
        table.Clear();
        Assert.Equal((0, -1, null), (table.Partitions, table.PartitionOf(Client), table.Find(Client)));
        table.Take(new(0, "anew", 1), 0);
        Assert.Equal("anew", table.Find(Client)?.Instance);
    }

    [Fact]
    public async Task OpenAt_ByInstance_ThatReplicaOrNone()
    {
        await using var other = new FakeCache("replica-1");
        other.Sessions = (_, _) => throw new StreamBrokenException(Cause.TakenOver, "here");
        using var client = Caches.Client(_cache, other);

        await using var stream = client.OpenAt("replica-1", new() { Mqtt = new() });

        Assert.Equal(Cause.TakenOver, (await Assert.ThrowsAsync<StreamBrokenException>(() => Eventually.CompletesAsync(stream.ReadAsync().AsTask()))).Cause);
        var unknown = Assert.Throws<StreamBrokenException>(() => client.OpenAt("replica-2", new() { Mqtt = new() }));
        Assert.Equal((Cause.LaneLost, true), (unknown.Cause, unknown.IsRefusal));
    }

    [Fact]
    public async Task Follow_PlanWithoutTheBinding_FeedOfItsSpaceEnds()
    {
        await using var services = new ServiceCollection().AddLogging().AddSingleton(_client).AddSingleton(TimeProvider.System).AddRemoteSessions().BuildServiceProvider();
        var (feeds, follower, other) = (services.GetRequiredService<OwnerFeeds>(), services.GetRequiredService<IPlanFollower>(), Space with { SessionsTopic = "other-sessions" });
        var (kept, gone) = (feeds.Of(Space), feeds.Of(other));
        follower.Follow(Plan(Space, other));
        Assert.Equal((kept, gone), (feeds.Of(Space), feeds.Of(other)));

        follower.Follow(Plan(Space));

        Assert.Same(kept, feeds.Of(Space));
        Assert.NotSame(gone, feeds.Of(other));
        Assert.Equal(Cause.Unavailable, (await Assert.ThrowsAsync<StreamBrokenException>(() => WaitAsync(gone, -1))).Cause);
        Claim("kafka-cache-0", Number);
        Assert.Equal("kafka-cache-0", (await WaitAsync(kept, -1)).Instance);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _cache.DisposeAsync();
    }

    private static string KeyIn(int partition) => Enumerable.Range(0, 1000).Select(i => $"k{i}").First(key => Murmur2.Partition(Encoding.UTF8.GetBytes(key), 4) == partition);

    private static Task<SessionOwner> WaitAsync(OwnerFeed feed, long newerThan) => Eventually.CompletesAsync(feed.WaitForOwnerAsync(Client, newerThan, CancellationToken.None));

    private static ServicePlan Plan(params SessionSpace[] spaces) => new()
    {
        Revision = 1,
        Namespace = "tests",
        Bindings = [.. spaces.Select(space => new MqttKafkaBinding
        {
            Name = space.SessionsTopic,
            Topics = new() { Sessions = space.SessionsTopic, Messages = "messages", Retained = "retained" },
            Exit = "cache",
        })],
        Clusters = new Dictionary<string, string> { ["cache"] = Space.Cluster },
    };

    private OwnerFeed Feed() => new(_client, Space, TimeProvider.System, NullLogger.Instance);

    /// <summary>Gives the epoch.</summary>
    private long Claim(string instance, int partition)
    {
        var claim = new OwnerClaim(partition, instance, 4);
        return _cache.Topic(Topic).Append(0, claim.EncodeKey(), claim.EncodeValue(), []) - 1;
    }
}
