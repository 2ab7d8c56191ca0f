using Zilla.KafkaCache.Cache;
using Zilla.KafkaCache.Cache.Partitions;
using Zilla.KafkaCache.Cache.Topics;
using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Sessions.Ownership;

public sealed class RecentWritesTests
{
    private readonly ManualTime _time = new();
    private readonly PartitionLog _log;
    private readonly RecentWrites _recent;

    public RecentWritesTests()
    {
        _log = new(0, new TopicPolicy { Compact = true }, new MemoryBudget(1 << 20), _time);
        _recent = new(_log, _time);
    }

    [Fact]
    public void TryGet_UntilTheCacheHasIt_TheLatest()
    {
        _recent.Add(new("t", "a"u8.ToArray(), "1"u8.ToArray()), 0);
        _recent.Add(new("t", "b"u8.ToArray(), "1"u8.ToArray()), 1);
        _recent.Add(new("t", "a"u8.ToArray(), null), 4);
        _recent.Add(new("t", null, "no key"u8.ToArray()), 5);

        Assert.True(_recent.TryGet("a"u8, out var deleted));
        Assert.Null(deleted);
        Assert.True(_recent.TryGet("b"u8, out var b));
        Assert.Equal("1"u8.ToArray(), b!.Value);
        Assert.Equal(_time.GetUtcNow().ToUnixTimeMilliseconds(), b.Timestamp);
        Assert.False(_recent.TryGet("c"u8, out _));

        _log.ReachEnd(2);
        Assert.False(_recent.TryGet("b"u8, out _));
        Assert.True(_recent.TryGet("a"u8, out _)); // what the cache has is the older one
        Assert.Equal(["a"], _recent.Snapshot().Keys.Select(System.Text.Encoding.UTF8.GetString));

        _log.ReachEnd(5);
        Assert.Equal(0, _recent.Count);
    }
}
