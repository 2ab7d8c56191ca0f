using Zilla.KafkaCache.Cache.Topics;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Cache.Topics;

public sealed class TopicDirectoryTests
{
    private readonly ManualTime _time = new();
    private readonly Feed _feed = new();
    private readonly TopicDirectory _directory;

    public TopicDirectoryTests() => _directory = new(_feed, TimeSpan.FromSeconds(30), _time);

    [Fact]
    public void Acquire_Twice_FillsOnce()
    {
        using var one = _directory.Acquire("t");
        using var two = _directory.Acquire("t");

        Assert.Same(one.Topic, two.Topic);
        Assert.Equal(["join t"], _feed.Calls);
    }

    [Fact]
    public void Dispose_LastLease_ReleasesTheTopicAfterThirtySeconds()
    {
        var lease = _directory.Acquire("t");
        lease.Dispose();
        lease.Dispose();

        _time.Advance(TimeSpan.FromSeconds(29.9));
        Assert.Equal(["join t"], _feed.Calls);
        _time.Advance(TimeSpan.FromSeconds(0.2));

        Assert.Equal(["join t", "leave t"], _feed.Calls);
        Assert.True(lease.Topic.Gone);
        Assert.Empty(_directory.Topics);
    }

    [Fact]
    public void Acquire_WithinTheThirtySeconds_KeepsTheTopic()
    {
        _directory.Acquire("t").Dispose();
        _time.Advance(TimeSpan.FromSeconds(29));
        using var lease = _directory.Acquire("t");

        _time.Advance(TimeSpan.FromMinutes(5));

        Assert.False(lease.Topic.Gone);
        Assert.Equal(["join t"], _feed.Calls);
    }

    [Fact]
    public void Pin_NoReaders_StaysForGood()
    {
        _directory.Pin("t");
        _directory.Acquire("t").Dispose();

        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(["join t"], _feed.Calls);
    }

    [Fact]
    public void Release_TopicThatDoesNotExist_IsForgottenAtOnce()
    {
        var lease = _directory.Acquire("made-up");
        lease.Topic.Problem = new(Cause.UnknownTopic, "unknown");

        lease.Dispose();

        Assert.Empty(_directory.Topics);
    }

    [Fact]
    public void Renew_HeldTopic_EndsItAndStartsOver()
    {
        _directory.Pin("pinned");
        var lease = _directory.Acquire("pinned");

        _directory.Renew(lease.Topic);
        _directory.Renew(lease.Topic);
        lease.Dispose();

        Assert.True(lease.Topic.Gone);
        Assert.Equal(["join pinned", "leave pinned", "join pinned"], _feed.Calls);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.False(Assert.Single(_directory.Topics).Gone);
    }

    private sealed class Feed : ITopicFeed
    {
        public List<string> Calls { get; } = [];

        public void Join(TopicCache topic) => Calls.Add("join " + topic.Name);

        public void Leave(TopicCache topic) => Calls.Add("leave " + topic.Name);
    }
}
