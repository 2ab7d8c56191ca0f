using Zilla.KafkaCache.Cache;
using Zilla.KafkaCache.Cache.Partitions;
using Zilla.KafkaCache.Cache.Topics;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Cache.Partitions;

public sealed class PartitionLogTests
{
    private readonly ManualTime _time = new();
    private readonly MemoryBudget _budget = new(1L << 30);

    [Fact]
    public void Append_Record_ExtensionIsItsEncodedKafkaDataEx()
    {
        var log = new PartitionLog(3, TopicPolicy.Default, _budget, _time);
        log.Append(42, "k", null, Records.Timestamp, ("a", "1"), ("b", null), ("a", ""));

        Assert.True(new PartitionCursor(log, 0, RecordFilters.All).TryRead(long.MaxValue, out var record));

        var decoded = KafkaDataEx.Parser.ParseFrom(record.Extension.Span);
        Assert.Equal((3, 42L, Records.Timestamp, "k", true), (decoded.Partition, decoded.Offset, decoded.Timestamp, decoded.Key.ToStringUtf8(), decoded.Tombstone));
        Assert.Equal(["a=1", "b=null", "a="], decoded.Headers.Select(h => $"{h.Name}={(h.HasValue ? h.Value.ToStringUtf8() : "null")}"));
        Assert.Equal("k", System.Text.Encoding.UTF8.GetString(record.Key));
    }

    [Fact]
    public void Append_OffsetSeenBefore_Throws()
    {
        var log = NewLog();
        log.Append(5, "a", "1");

        Assert.Throws<InvalidDataException>(() => log.Append(5, "a", "1"));
    }

    [Fact]
    public void Append_RecordLargerThanASegment_HasOneOfItsOwn()
    {
        var log = NewLog();
        var large = new string('x', PartitionLog.LargestSegment + 1);
        log.Append(0, "a", "small");
        log.Append(1, "b", large);
        log.Append(2, "c", "small");

        Assert.Equal(["0:a=small", "1:b=" + large, "2:c=small"], new PartitionCursor(log, 0, RecordFilters.All).ReadAll());
        Assert.Equal(3, log.Segments.Length);
    }

    [Fact]
    public void ReachEnd_OffsetsBehindTheLastRecordThatAreNotRecords_MovesNextOffset()
    {
        var log = NewLog();
        log.Append(0, "a", "1");
        log.ReachEnd(2); // offset 1 was a transaction's mark
        var cursor = new PartitionCursor(log, 0, RecordFilters.All);

        Assert.Equal(["0:a=1"], cursor.ReadAll());
        Assert.Equal(2, cursor.Position);
        Assert.True(log.Hydrated);
    }

    [Fact]
    public void ReachEnd_EmptyPartition_StartsThere()
    {
        var log = NewLog();
        log.ReachEnd(7);

        Assert.Equal((7, 7), (log.StartOffset, log.NextOffset));
    }

    [Fact]
    public void Maintain_RetentionByTime_DropsSegmentsThatArePastIt()
    {
        var log = NewLog(new TopicPolicy { Retention = TimeSpan.FromHours(1) });
        FillSegments(log, 3);
        _time.Advance(TimeSpan.FromMinutes(59));
        log.Append(log.NextOffset, "late", "1", _time.GetUtcNow().ToUnixTimeMilliseconds());
        log.Maintain(-1);
        Assert.Equal(0, log.StartOffset);

        _time.Advance(TimeSpan.FromMinutes(2));
        log.Maintain(-1);

        Assert.Single(log.Segments);
        Assert.Equal(log.Segments[0].BaseOffset, log.StartOffset);
    }

    /// <summary>The budget has the oldest dropped while its time is looked at: what comes after it is not past its own.</summary>
    [Fact]
    public void Maintain_OldestDroppedMeanwhile_TheNextIsKept()
    {
        var time = new InterruptedTime(_time);
        var log = new PartitionLog(0, new TopicPolicy { Retention = TimeSpan.FromHours(1) }, _budget, time);
        log.Append(0, "old", "1");
        log.EndSegment();
        _time.Advance(TimeSpan.FromHours(2));
        log.Append(1, "new", "2", _time.GetUtcNow().ToUnixTimeMilliseconds());
        log.EndSegment();

        time.Interrupt = () => Assert.True(log.DropOldestSegment());
        log.Maintain(-1);

        Assert.Null(time.Interrupt);
        Assert.Equal((0, 1), (log.EarliestOffset, log.StartOffset));
        Assert.Equal(["1:new=2"], new PartitionCursor(log, log.StartOffset, RecordFilters.All).ReadAll());
    }

    [Fact]
    public void Maintain_RetentionByTimeOfACompactedTopic_DropsNothing()
    {
        var log = NewLog(new TopicPolicy { Compact = true, Delete = false, Retention = TimeSpan.FromHours(1) });
        log.Append(0, "a", "1");
        _time.Advance(TimeSpan.FromDays(1));

        log.Maintain(-1);

        Assert.Equal(["0:a=1"], new PartitionCursor(log, 0, RecordFilters.All).ReadAll());
    }

    [Fact]
    public void Maintain_RetentionByBytes_KeepsAtLeastThatMuch()
    {
        var log = NewLog(new TopicPolicy { RetentionBytes = 40_000 });
        FillSegments(log, 4);
        var all = log.Segments.Sum(segment => segment.UsedBytes);
        Assert.True(all > 100_000);

        log.Maintain(-1);

        var held = log.Segments.Sum(segment => segment.UsedBytes);
        Assert.True(held >= 40_000 && held < all, $"{held} of {all}");
        Assert.True(held - log.Segments[0].UsedBytes < 40_000, "one segment more could have gone");
    }

    [Fact]
    public void Maintain_LowWatermark_HidesWhatKafkaHasDropped()
    {
        var log = NewLog();
        log.Append(0, "a", "1");
        log.Append(1, "b", "2");
        log.Append(2, "c", "3");

        log.Maintain(2);

        Assert.Equal(2, log.StartOffset);
        Assert.Equal(["2:c=3"], new PartitionCursor(log, log.StartOffset, RecordFilters.All).ReadAll());
    }

    [Fact]
    public void Budget_Exceeded_OldestFullSegmentsGoFirst()
    {
        var budget = new MemoryBudget(150_000);
        var first = new PartitionLog(0, TopicPolicy.Default, budget, _time);
        FillSegments(first, 4);
        var start = first.StartOffset;
        _time.Advance(TimeSpan.FromMinutes(1));
        var second = new PartitionLog(0, TopicPolicy.Default, budget, _time);
        FillSegments(second, 4);

        Assert.True(first.StartOffset > start);
        Assert.True(budget.Held <= budget.Limit, $"{budget.Held}");
        Assert.True(budget.Dropped > 0);
        Assert.Equal(first.Segments[0].BaseOffset, first.StartOffset);
    }

    [Fact]
    public void Budget_Exceeded_CompactedTopicsGiveWayLast()
    {
        var budget = new MemoryBudget(1_000_000);
        var compacted = new PartitionLog(0, new TopicPolicy { Compact = true, Delete = false }, budget, _time);
        FillSegments(compacted, 3);
        _time.Advance(TimeSpan.FromMinutes(1));
        var other = new PartitionLog(0, TopicPolicy.Default, budget, _time);
        for (var offset = 0; offset < 1000; offset++)
        {
            other.Append(offset, "key", new string('v', 1000));
        }

        Assert.Equal(0, compacted.StartOffset);
        Assert.True(other.StartOffset > 0);
    }

    [Fact]
    public void Close_GivesEverythingBackToTheBudget()
    {
        var log = NewLog();
        FillSegments(log, 3);
        Assert.True(_budget.Held > 0);

        log.Close();

        Assert.Equal(0, _budget.Held);
    }

    private PartitionLog NewLog(TopicPolicy? policy = null) => new(0, policy ?? TopicPolicy.Default, _budget, _time);

    private static void FillSegments(PartitionLog log, int segments)
    {
        var value = new string('v', 1000);
        while (log.Segments.Length < segments)
        {
            log.Append(Math.Max(0, log.NextOffset), "key" + log.NextOffset, value);
            Assert.True(log.NextOffset < 10_000, "the budget drops segments as fast as they come");
        }
    }

    /// <summary>Something happens once just as the time is asked for.</summary>
    private sealed class InterruptedTime(TimeProvider time) : TimeProvider
    {
        public Action? Interrupt { get; set; }

        public override long TimestampFrequency => time.TimestampFrequency;

        public override long GetTimestamp() => time.GetTimestamp();

        public override DateTimeOffset GetUtcNow()
        {
            var interrupt = Interrupt;
            Interrupt = null;
            interrupt?.Invoke();
            return time.GetUtcNow();
        }
    }
}
