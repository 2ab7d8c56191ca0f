using Zilla.KafkaCache.Cache;
using Zilla.KafkaCache.Cache.Partitions;
using Zilla.KafkaCache.Cache.Topics;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Cache.Partitions;

public sealed class PartitionCursorTests
{
    private static readonly TopicPolicy Compacted = new() { Compact = true, Delete = false, DeleteRetention = TimeSpan.FromHours(1) };

    private readonly ManualTime _time = new();
    private readonly MemoryBudget _budget = new(1L << 30);

    [Fact]
    public void TryRead_KeyFilter_GivesThatKeysRecordsAlone()
    {
        var log = Filled(TopicPolicy.Default, 5000);
        var cursor = new PartitionCursor(log, 0, Records.KeyFilter("k7"));

        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"{(i * 10) + 7}:k7=v{(i * 10) + 7}"), cursor.ReadAll());
        Assert.Equal(5000, cursor.Position);
    }

    [Fact]
    public void TryRead_SeveralFilters_GivesTheirUnionInOrder()
    {
        var log = Filled(TopicPolicy.Default, 100);

        var read = new PartitionCursor(log, 0, Records.KeyFilter("k7", "k2", "k7")).ReadAll();

        Assert.Equal(20, read.Count);
        Assert.Equal(["2:k2=v2", "7:k7=v7", "12:k2=v12"], read[..3]);
    }

    [Fact]
    public void TryRead_HeaderFilter_TellsNullFromEmptyAndNeedsAll()
    {
        var log = new PartitionLog(0, TopicPolicy.Default, _budget, _time);
        log.Append(0, "a", "1", Records.Timestamp, ("x", null), ("y", "1"));
        log.Append(1, "a", "2", Records.Timestamp, ("x", ""), ("y", "1"));
        log.Append(2, "a", "3", Records.Timestamp, ("x", ""), ("y", "2"), ("y", "1"));

        Assert.Equal(["0:a=1"], new PartitionCursor(log, 0, Records.HeaderFilter(("x", null))).ReadAll());
        Assert.Equal(["1:a=2", "2:a=3"], new PartitionCursor(log, 0, Records.HeaderFilter(("x", ""), ("y", "1"))).ReadAll());
        Assert.Empty(new PartitionCursor(log, 0, Records.HeaderFilter(("x", ""), ("y", "3"))).ReadAll());
    }

    [Fact]
    public void TryRead_Limit_StopsBelowIt()
    {
        var log = Filled(TopicPolicy.Default, 10);
        var cursor = new PartitionCursor(log, 0, RecordFilters.All);

        Assert.Equal(4, cursor.ReadAll(4).Count);
        Assert.Equal(4, cursor.Position);
        Assert.Equal(6, cursor.ReadAll().Count);
    }

    [Fact]
    public void TryRead_FilterWithLimitWithinASegment_LosesNothingBehindTheLimit()
    {
        var log = Filled(TopicPolicy.Default, 100);
        var cursor = new PartitionCursor(log, 0, Records.KeyFilter("k5"));

        Assert.Equal(["5:k5=v5"], cursor.ReadAll(15));
        Assert.Equal(15, cursor.Position);
        Assert.Equal("15:k5=v15", cursor.ReadAll()[0]);
    }

    [Fact]
    public void TryRead_AppendedAfterCatchingUp_IsGivenNext()
    {
        var log = Filled(TopicPolicy.Default, 10);
        var cursor = new PartitionCursor(log, 0, Records.KeyFilter("k1"));
        cursor.ReadAll();

        log.Append(10, "k0", "no");
        log.Append(11, "k1", "yes");

        Assert.Equal(["11:k1=yes"], cursor.ReadAll());
    }

    [Fact]
    public void TryRead_CompactedHistory_GivesTheLatestPerKey()
    {
        var log = new PartitionLog(0, Compacted, _budget, _time);
        log.Append(0, "a", "1");
        log.Append(1, "b", "1");
        log.Append(2, "a", "2");
        log.Append(3, null, "no key");
        log.Append(4, "b", null);

        Assert.Equal(["2:a=2", "3:-=no key", "4:b=-"], new PartitionCursor(log, 0, RecordFilters.All).ReadAll());
        Assert.Equal(["2:a=2"], new PartitionCursor(log, 0, Records.KeyFilter("a")).ReadAll());
    }

    [Fact]
    public void TryRead_SupersededAfterTheEndOfHistory_IsStillPartOfIt()
    {
        var log = new PartitionLog(0, Compacted, _budget, _time);
        log.Append(0, "a", "1");
        var cursor = new PartitionCursor(log, 0, RecordFilters.All);
        log.Append(1, "a", "2");

        Assert.Equal(["0:a=1"], cursor.ReadAll(cursor.HistoryEnd));
    }

    [Fact]
    public void TryRead_LiveRecordsOfOneKey_AreAllGiven()
    {
        var log = new PartitionLog(0, Compacted, _budget, _time);
        log.Append(0, "a", "1");
        var cursor = new PartitionCursor(log, 0, RecordFilters.All);
        log.Append(1, "a", "2");
        log.Append(2, "a", "3");

        Assert.Equal(["0:a=1", "1:a=2", "2:a=3"], cursor.ReadAll());
    }

    [Fact]
    public void Maintain_MostlySupersededSegments_AreRewrittenWithoutChangingTheView()
    {
        var log = Filled(Compacted, 20_000);
        var before = (_budget.Held, log.Segments.Length);
        var view = new PartitionCursor(log, 0, RecordFilters.All).ReadAll();

        for (var i = 0; i < 100; i++)
        {
            log.Maintain(-1);
        }

        Assert.True(_budget.Held < before.Held, $"{_budget.Held} of {before}");
        Assert.True(before.Length > 3);
        Assert.All(log.Segments[..^1], segment => Assert.InRange(segment.Count, 1, 10));
        Assert.Equal(view, new PartitionCursor(log, 0, RecordFilters.All).ReadAll());
        Assert.Equal(Enumerable.Range(19_990, 10).Select(i => $"{i}:k{i % 10}=v{i}"), view);
    }

    [Fact]
    public void HistoryEnd_CompactionRemovedWhatWasPartOfHistory_MovesToItsSuccessor()
    {
        var log = new PartitionLog(0, Compacted, _budget, _time);
        log.Append(0, "once", new string('1', 100));
        log.Append(1, "kept", "1");
        var cursor = new PartitionCursor(log, 0, RecordFilters.All);
        log.Append(2, "once", "2");
        log.Append(3, null, new string('x', PartitionLog.LargestSegment)); // seals the first segment
        Assert.Equal(2, cursor.HistoryEnd);

        log.Maintain(-1);

        Assert.Equal(3, cursor.HistoryEnd);
        Assert.Equal(["1:kept=1", "2:once=2"], cursor.ReadAll(cursor.HistoryEnd));
    }

    [Fact]
    public void HistoryEnd_CompactionRemovedItBetweenTheQuestionForTheEndAndTheReading_MovesToo()
    {
        var log = new PartitionLog(0, Compacted, _budget, _time);
        log.Append(0, "once", new string('1', 100));
        var cursor = new PartitionCursor(log, 0, RecordFilters.All);
        var end = cursor.HistoryEnd;
        log.Append(1, "once", "2");
        log.Append(2, null, new string('x', PartitionLog.LargestSegment));
        log.Maintain(-1);

        Assert.Empty(cursor.ReadAll(end));

        Assert.Equal((1, 2), (cursor.Position, cursor.HistoryEnd));
        Assert.Equal(["1:once=2"], cursor.ReadAll(cursor.HistoryEnd));
    }

    [Fact]
    public void Maintain_TombstonePastDeleteRetention_IsGoneFromHistory()
    {
        var log = new PartitionLog(0, Compacted, _budget, _time);
        log.Append(0, "a", "1");
        log.Append(1, "a", null);
        _time.Advance(TimeSpan.FromMinutes(59));
        log.Maintain(-1);
        Assert.Equal(["1:a=-"], new PartitionCursor(log, 0, RecordFilters.All).ReadAll());

        _time.Advance(TimeSpan.FromMinutes(2));
        log.Maintain(-1);

        Assert.Empty(new PartitionCursor(log, 0, RecordFilters.All).ReadAll());
        log.Append(2, "a", "again");
        Assert.Equal(["2:a=again"], new PartitionCursor(log, 0, RecordFilters.All).ReadAll());
    }

    [Fact]
    public void TryRead_SlowReaderWhoseRecordsExpired_GoesOnWithWhatIsHeld()
    {
        var log = Filled(TopicPolicy.Default, 5000);
        var cursor = new PartitionCursor(log, 0, RecordFilters.All);
        Assert.True(cursor.TryRead(long.MaxValue, out _));
        var end = log.Segments[2].BaseOffset;
        log.Maintain(end);

        var read = cursor.ReadAll();

        Assert.Equal(end, log.EarliestOffset);
        Assert.Contains($"{end}:k{end % 10}=v{end}", read);
        Assert.Equal("4999:k9=v4999", read[^1]);
        Assert.False(cursor.NeedsKafka);
        Assert.Equal(5000, cursor.Position);
    }

    [Fact]
    public void TryRead_RecordsThatGaveWay_StopsWhereTheyBeginUntilTheyAreReadElsewhere()
    {
        var log = Filled(TopicPolicy.Default, 5000);
        var cursor = new PartitionCursor(log, 0, RecordFilters.All);
        Assert.True(cursor.TryRead(long.MaxValue, out _));
        var second = log.Segments[1].BaseOffset;
        log.DropOldestSegment();
        log.DropOldestSegment();
        log.DropOldestSegment();

        // What it holds of the first segment it still gives.
        Assert.Equal(second - 1, cursor.ReadAll().Count);
        Assert.True(cursor.NeedsKafka);
        Assert.Equal((0, second, log.Segments[0].BaseOffset), (log.EarliestOffset, cursor.Position, log.StartOffset));

        cursor.PassTo(log.StartOffset);
        Assert.Equal($"{log.StartOffset}:k{log.StartOffset % 10}=v{log.StartOffset}", cursor.ReadAll()[0]);
        Assert.False(cursor.NeedsKafka);
        Assert.Equal(5000, cursor.Position);
    }

    [Fact]
    public void Offsets_LogThatStartsLive_CanBeReadFromZeroButBeginsWhereItStarted()
    {
        var log = new PartitionLog(0, TopicPolicy.Default, _budget, _time, startsLive: true);
        Assert.Equal(-1, log.EarliestOffset);
        log.ReachEnd(40);
        Assert.Equal((0, 40, 40), (log.EarliestOffset, log.FirstOffset, log.StartOffset));

        log.Maintain(30, 40);
        Assert.Equal((30, 40, 40), (log.EarliestOffset, log.FirstOffset, log.StartOffset));
    }

    private PartitionLog Filled(TopicPolicy policy, int records)
    {
        var log = new PartitionLog(0, policy, _budget, _time);
        for (var offset = 0; offset < records; offset++)
        {
            log.Append(offset, "k" + (offset % 10), "v" + offset);
        }

        return log;
    }
}
