using Microsoft.Extensions.Logging.Abstractions;
using Zilla.KafkaCache.Cache;
using Zilla.KafkaCache.Cache.Partitions;
using Zilla.KafkaCache.Cache.Topics;
using Zilla.KafkaCache.Clusters;
using Zilla.KafkaCache.Fetch;
using Zilla.Streams;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Fetch;

public sealed class TopicHydrationTests
{
    private readonly ManualTime _time = new();
    private readonly ClusterState _cluster = new(NullLogger.Instance, "south");
    private readonly TopicCache _topic = new("items");
    private readonly Task _waiting;

    public TopicHydrationTests() => _waiting = new TopicHydration(_topic, _cluster, new CacheOptions(), _time).WaitAsync(CancellationToken.None);

    [Fact]
    public async Task Wait_EveryPartitionReachesItsEnd_Completes()
    {
        var budget = new MemoryBudget(1 << 20);
        PartitionLog[] logs = [new(0, TopicPolicy.Default, budget, _time), new(1, TopicPolicy.Default, budget, _time)];
        _topic.Add(logs);
        logs[0].ReachEnd(0);
        _topic.Signal.Pulse();
        Assert.False(_waiting.IsCompleted);

        logs[1].ReachEnd(5);
        _topic.Signal.Pulse();

        await _waiting.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Wait_StillFillingAfterThirtySeconds_TimesOut()
    {
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(_waiting.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(Cause.Timeout, (await BrokenAsync()).Cause);
    }

    [Fact]
    public async Task Wait_UnknownTopic_IsGivenASecondToAppear()
    {
        _topic.Problem = new(Cause.UnknownTopic, "unknown");
        Assert.False(_waiting.IsCompleted);

        await Eventually.HoldsAsync(() => _time.NextDue == _time.GetUtcNow() + TimeSpan.FromSeconds(1)); // not only the time that filling may take

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(Cause.UnknownTopic, (await BrokenAsync()).Cause);
    }

    [Fact]
    public async Task Wait_NotAuthorized_IsToldAtOnce()
    {
        _topic.Problem = new(Cause.NotAuthorized, "not allowed");

        Assert.Equal(Cause.NotAuthorized, (await BrokenAsync()).Cause);
    }

    [Fact]
    public async Task Wait_ClusterGoesDown_IsUnavailable()
    {
        _cluster.Answered();
        _cluster.Failed("refused");
        _topic.Signal.Pulse();

        var broken = await BrokenAsync();

        Assert.Equal((Cause.Unavailable, "refused", TimeSpan.FromSeconds(1)), (broken.Cause, broken.Message, broken.RetryAfter));
    }

    [Fact]
    public async Task Wait_TopicGone_IsUnknown()
    {
        _topic.Close();

        Assert.Equal(Cause.UnknownTopic, (await BrokenAsync()).Cause);
    }

    private Task<StreamBrokenException> BrokenAsync() => Assert.ThrowsAsync<StreamBrokenException>(() => _waiting.WaitAsync(TimeSpan.FromSeconds(30)));
}
