using Zilla.KafkaCache.Cache;
using Zilla.KafkaCache.Cache.Partitions;
using Zilla.KafkaCache.Cache.Topics;
using Zilla.KafkaCache.Tests.Cache.Spill;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Cache.Partitions;

/// <summary>A partition most of which is on disk.</summary>
public sealed class SpilledSegmentsTests : IDisposable
{
    private const int Count = 2000;

    private static readonly TopicPolicy Compacted = new() { Compact = true, Delete = false };
    private static readonly string Filler = new('x', 1000);

    private readonly ManualTime _time = new();
    private readonly TemporaryDisk _disk;
    private readonly MemoryBudget _budget;

    public SpilledSegmentsTests()
    {
        _disk = new(16 << 20, _time);
        _budget = new(400_000, _disk.File);
    }

    [Fact]
    public void TryRead_MostlyOnDisk_GivesEverythingAsItWas()
    {
        var log = Filled(TopicPolicy.Default);

        Assert.Equal((0, 0), (log.StartOffset, _budget.Dropped));
        Assert.True(log.Segments.Count(segment => segment.Spilled is not null) > log.Segments.Length / 2);
        Assert.True(_disk.File.Held > 4 * _budget.Limit);
        Assert.Equal(Enumerable.Range(0, Count).Select(Line), Read(log, RecordFilters.All));
        Assert.Equal(Enumerable.Range(0, Count).Where(i => i % 10 == 7).Select(Line), Read(log, Records.KeyFilter("k7")));
        Assert.Equal(Enumerable.Range(0, Count).Where(i => i % 100 == 3).Select(Line), Read(log, Records.HeaderFilter(("h", "3"))));
        Assert.True(_budget.Held <= _budget.Limit);
    }

    [Fact]
    public void TryRead_Paused_GoesOnWhereItWasAndHoldsNothingMeanwhile()
    {
        var log = Filled(TopicPolicy.Default);
        var cursor = new PartitionCursor(log, 0, RecordFilters.All);
        Assert.True(cursor.TryRead(long.MaxValue, out var first));
        var before = _budget.Held;

        cursor.Rest();

        Assert.InRange(before - _budget.Held, Filler.Length, DiskWindow.Largest);
        Assert.Equal(Line(0), Records.Describe(first));
        Assert.Equal(Line(1), cursor.ReadAll()[0]);
    }

    [Fact]
    public void Append_ReaderHoldsSlices_TheyStayValidWhenTheirSegmentGoesToDisk()
    {
        var log = new PartitionLog(0, TopicPolicy.Default, _budget, _time);
        log.Append(0, "k0", "v0" + Filler);
        Assert.True(new PartitionCursor(log, 0, RecordFilters.All).TryRead(long.MaxValue, out var held));

        Fill(log, 1);

        Assert.NotNull(log.Segments[0].Spilled);
        Assert.Equal("0:k0=v0" + Filler, Records.Describe(held));
    }

    [Fact]
    public void TryRead_NoMemoryToReadWith_SaysSoAndGoesOnOnceThereIs()
    {
        var log = new PartitionLog(0, TopicPolicy.Default, _budget, _time);
        log.Append(0, "k0", "v0" + Filler);
        log.EndSegment();
        Assert.True(log.TrySpillOldest(_disk.File));
        var all = _budget.Limit - _budget.Held;
        Assert.True(_budget.TryReserve(all));
        var cursor = new PartitionCursor(log, 0, RecordFilters.All);

        // Even the segment itself gives way, but its indexes are smaller than the record.
        Assert.False(cursor.TryRead(long.MaxValue, out _));
        Assert.True(cursor.NeedsRoom);
        Assert.Equal(0, cursor.Position);

        _budget.Release(all);
        Assert.False(cursor.TryRead(long.MaxValue, out _));
        Assert.True(cursor.NeedsKafka);
    }

    [Fact]
    public void Maintain_RetentionOnDisk_FreesIt()
    {
        var log = Filled(new() { Retention = TimeSpan.FromHours(1) });
        var held = _disk.File.Held;
        _time.Advance(TimeSpan.FromHours(2));

        log.Maintain(Count / 2);

        Assert.True(held > 0);
        Assert.Equal((0, Count), (_disk.File.Held, log.StartOffset));
        Assert.Empty(log.Segments);
    }

    [Fact]
    public void Maintain_SupersededOnDisk_IsNotGivenAndFreed()
    {
        var log = Filled(Compacted);
        Assert.Equal(Enumerable.Range(Count - 10, 10).Select(Line), Read(log, RecordFilters.All));
        var held = _disk.File.Held;

        for (var round = 0; round < 100; round++)
        {
            log.Maintain(-1);
        }

        Assert.True(_disk.File.Held < held / 10, $"{_disk.File.Held} of {held}");
        Assert.Equal(Enumerable.Range(Count - 10, 10).Select(Line), Read(log, RecordFilters.All));
        Assert.Equal(10, log.HeldKeys);
    }

    [Fact]
    public void Append_OlderRecordOfTheKeyOnDisk_IsSuperseded()
    {
        var log = new PartitionLog(0, Compacted, _budget, _time);
        log.Append(0, "once", "1");
        log.Append(1, "twice", "1");
        Fill(log, 2);
        Assert.NotNull(log.Segments[0].Spilled);

        log.Append(Count, "twice", "2");

        Assert.Equal(["0:once=1"], Read(log, Records.KeyFilter("once")));
        Assert.Equal([$"{Count}:twice=2"], Read(log, Records.KeyFilter("twice")));
    }

    [Fact]
    public void Append_DiskBudgetExceeded_TheOldestIsDropped()
    {
        using var disk = new TemporaryDisk(600_000, _time);
        var budget = new MemoryBudget(400_000, disk.File);
        var log = new PartitionLog(0, TopicPolicy.Default, budget, _time);
        Fill(log, 0);

        Assert.True(log.StartOffset > Count / 4);
        Assert.InRange(disk.File.Held, 300_000, 600_000);
        Assert.True(budget.Dropped > 0);

        // What is read next has to give way to nothing.
        Assert.True(budget.TryReserve(DiskWindow.Largest));
        budget.Release(DiskWindow.Largest);
        Assert.Equal(Enumerable.Range((int)log.StartOffset, Count - (int)log.StartOffset).Select(Line), Read(log, RecordFilters.All, log.StartOffset));
    }

    [Fact]
    public void Append_DiskIsFull_SegmentsAreDroppedInstead()
    {
        using var full = TemporaryDisk.Full(16 << 20, _time);
        var budget = new MemoryBudget(400_000, full);
        var log = new PartitionLog(0, TopicPolicy.Default, budget, _time);

        Fill(log, 0);

        Assert.True(full.Failures > 0);
        Assert.True(log.StartOffset > Count / 2);
        Assert.True(budget.Held <= budget.Limit);
        Assert.Equal(Line(Count - 1), Read(log, RecordFilters.All, log.StartOffset)[^1]);
    }

    [Fact]
    public void TryRead_DiskFails_TheRestIsReadFromKafka()
    {
        var log = Filled(TopicPolicy.Default);
        var cursor = new PartitionCursor(log, 0, RecordFilters.All);
        Assert.True(cursor.TryRead(long.MaxValue, out _));
        cursor.Rest();
        _disk.Lose();

        Assert.False(cursor.TryRead(long.MaxValue, out _));

        Assert.Equal((true, 1), (cursor.NeedsKafka, cursor.Position));
        Assert.True(log.StartOffset > 1);
        cursor.PassTo(log.Segments.First(segment => segment.Spilled is null).BaseOffset);
        Assert.Equal(Line(Count - 1), cursor.ReadAll()[^1]);
    }

    [Fact]
    public void Append_DiskFailsWhereAnOlderRecordOfTheKeyIs_GoesOn()
    {
        var log = Filled(Compacted);
        log.Append(Count, "old", "1");
        Fill(log, Count + 1, 2 * Count);
        _disk.Lose();

        log.Append(2 * Count, "old", "2");

        Assert.DoesNotContain(log.Segments, segment => segment.Spilled is not null);
        Assert.Equal(0, _disk.File.Held);
        Assert.Equal([$"{2 * Count}:old=2"], Read(log, Records.KeyFilter("old"), log.StartOffset));
    }

    [Fact]
    public void DropOldestSegment_CompactedTopic_ForgetsTheKeysThatWereInIt()
    {
        var log = new PartitionLog(0, Compacted, new MemoryBudget(400_000), _time);
        for (var offset = 0; offset < 20_000; offset++)
        {
            log.Append(offset, "key" + offset, Filler);
        }

        Assert.Equal(log.HeldRecords, log.HeldKeys);
        Assert.InRange(log.HeldKeys, 1, 400);
    }

    [Fact]
    public void Close_SegmentsOnDisk_AreFreed()
    {
        var log = Filled(TopicPolicy.Default);

        log.Close();

        Assert.Equal((0, 0), (_disk.File.Held, _budget.Held));
    }

    public void Dispose() => _disk.Dispose();

    private static string Line(int offset) => $"{offset}:k{offset % 10}=v{offset}{Filler}";

    private static List<string> Read(PartitionLog log, RecordFilters filters, long from = 0)
    {
        using var cursor = new PartitionCursor(log, from, filters);
        var read = cursor.ReadAll();
        Assert.Equal((log.NextOffset, false, false), (cursor.Position, cursor.NeedsKafka, cursor.NeedsRoom));
        return read;
    }

    private static void Fill(PartitionLog log, int from, int until = Count)
    {
        for (var offset = from; offset < until; offset++)
        {
            log.Append(offset, "k" + (offset % 10), $"v{offset}{Filler}", Records.Timestamp, ("h", $"{offset % 100}"));
        }
    }

    private PartitionLog Filled(TopicPolicy policy)
    {
        var log = new PartitionLog(0, policy, _budget, _time);
        Fill(log, 0);
        return log;
    }
}
