using System.Text;
using Zilla.KafkaCache.Cache;
using Zilla.KafkaCache.Cache.Partitions;
using Zilla.KafkaCache.Cache.Topics;
using Zilla.KafkaCache.Tests.Cache.Spill;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Cache;

public sealed class MemoryBudgetTests
{
    private const int Count = 20_000;

    private static readonly string Filler = new('x', 500);

    /// <summary>Several times the budget through several partitions, with readers on all of them, and somebody who looks all the time.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(4 << 20)]
    [InlineData(256 << 20)]
    public async Task Held_SeveralTimesTheBudgetIsWrittenAndRead_NeverExceedsIt(long disk)
    {
        using var file = new TemporaryDisk(disk, TimeProvider.System);
        var budget = new MemoryBudget(6 << 20, disk > 0 ? file.File : null);
        var logs = Enumerable.Range(0, 4).Select(partition => new PartitionLog(partition, new() { Compact = partition == 3 }, budget, TimeProvider.System)).ToArray();
        using var over = new CancellationTokenSource();
        var most = Task.Run(() => Watch(budget, over.Token));

        var writers = new[] { Task.Run(() => Write(logs[..2])), Task.Run(() => Write(logs[2..])) };
        var readers = logs.SelectMany(log => new[] { Task.Run(() => Read(log, RecordFilters.All)), Task.Run(() => Read(log, Records.KeyFilter("k7"))) }).ToArray();
        await Task.WhenAll(writers).WaitAsync(TimeSpan.FromMinutes(2));
        var read = await Task.WhenAll(readers).WaitAsync(TimeSpan.FromMinutes(2));
        await over.CancelAsync();

        Assert.InRange(await most, budget.Limit / 2, budget.Limit);
        Assert.All(read, given => Assert.True(given > 0));
        Assert.Equal(budget.Held, logs.Sum(log => log.HeldBytes));
        Assert.True(disk == 0 || (file.File.Written > 0 && file.File.Held <= disk));
        Assert.Equal(disk > 64 << 20, logs[..3].Sum(log => log.StartOffset) == 0);
        Array.ForEach(logs, log => log.Close());
        Assert.Equal((0, 0), (budget.Held, file.File.Held));
    }

    [Fact]
    public void Append_ManyPartitionsThatAreAllBeingWrittenTo_TheBudgetHolds()
    {
        var budget = new MemoryBudget(1 << 20);
        var logs = Enumerable.Range(0, 200).Select(partition => new PartitionLog(partition, TopicPolicy.Default, budget, TimeProvider.System)).ToArray();

        for (var offset = 0; offset < 30; offset++)
        {
            foreach (var log in logs)
            {
                log.Append(offset, "k", Filler);
                Assert.True(budget.Held <= budget.Limit, $"{budget.Held}");
            }
        }

        Assert.All(logs, log => Assert.Equal(30, log.NextOffset));
        Assert.Contains(logs, log => log.HeldRecords > 0);
        Assert.All(logs, log => Assert.Equal(30 - log.StartOffset, log.HeldRecords));
    }

    [Fact]
    public void Append_RecordLargerThanTheBudget_IsNotHeldAndNeitherIsWhatPrecedesIt()
    {
        var budget = new MemoryBudget(100_000);
        var log = new PartitionLog(0, TopicPolicy.Default, budget, TimeProvider.System);
        log.Append(0, "a", "1");
        log.Append(1, "b", new string('x', 200_000));
        var cursor = new PartitionCursor(log, 0, RecordFilters.All);
        log.Append(2, "c", "3");

        Assert.False(cursor.TryRead(long.MaxValue, out _));
        Assert.Equal((true, 2, 0), (cursor.NeedsKafka, log.StartOffset, log.EarliestOffset));
        cursor.PassTo(2);
        Assert.Equal(["2:c=3"], cursor.ReadAll());
    }

    [Fact]
    public async Task TryReserveAsync_NoRoom_WaitsUntilThereIsOrItsTimeIsOver()
    {
        var time = new ManualTime();
        var budget = new MemoryBudget(1000);
        Assert.True(budget.TryReserve(900));

        var second = budget.TryReserveAsync(500, TimeSpan.FromSeconds(10), time, CancellationToken.None);
        Assert.False(second.IsCompleted);
        budget.Release(900);
        Assert.True(await second.WaitAsync(TimeSpan.FromSeconds(30)));

        var third = budget.TryReserveAsync(600, TimeSpan.FromSeconds(10), time, CancellationToken.None);
        Assert.False(third.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.False(await third.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(500, budget.Held);
    }

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

    private static void Write(PartitionLog[] logs)
    {
        for (var offset = 0; offset < Count / 2; offset++)
        {
            foreach (var log in logs)
            {
                log.Append(offset, "k" + (offset % 10), $"v{offset}{Filler}");
                if (offset % 500 == 0)
                {
                    log.Maintain(-1);
                }
            }
        }
    }

    /// <summary>Reads all that is held, and passes over what is not; every record is what it was, and in order.</summary>
    private static int Read(PartitionLog log, RecordFilters filters)
    {
        using var cursor = new PartitionCursor(log, 0, filters);
        var (given, last) = (0, -1L);
        while (cursor.Position < Count / 2)
        {
            if (cursor.TryRead(long.MaxValue, out var record))
            {
                Assert.True(record.Offset > last, $"{record.Offset} after {last}");
                Assert.Equal($"v{record.Offset}{Filler}", Encoding.UTF8.GetString(record.Value.Span));
                Assert.Equal($"k{record.Offset % 10}", Encoding.UTF8.GetString(record.Key));
                (given, last) = (given + 1, record.Offset);
            }
            else if (cursor.NeedsKafka)
            {
                cursor.PassTo(log.StartOffset);
            }
            else
            {
                Thread.Yield();
            }
        }

        return given;
    }
}
