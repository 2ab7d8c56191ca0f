using System.Text;
using Zilla.KafkaCache.Cache;
using Zilla.KafkaCache.Cache.Partitions;
using Zilla.KafkaCache.Cache.Topics;

namespace Zilla.KafkaCache.Tests.Cache.Partitions;

/// <summary>Readers that follow while one thread writes, cleans and drops.</summary>
public sealed class ConcurrentReadersTests
{
    private const int Count = 60_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Read_WhileWriting_EveryReaderSeesEveryRecordOnceInOrder(int seed)
    {
        var log = new PartitionLog(0, TopicPolicy.Default, new MemoryBudget(1L << 30), TimeProvider.System);
        var signal = new AppendSignal();
        var readers = Enumerable.Range(0, 3).Select(reader => Task.Run(() => FollowAsync(log, signal, reader == 0 ? null : $"k{reader}"))).ToArray();

        Write(log, signal, new Random(seed), clean: false);

        var read = await Task.WhenAll(readers).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(Enumerable.Range(0, Count).Select(i => (long)i), read[0].Select(r => r.Offset));
        Assert.Equal(Enumerable.Range(0, Count).Where(i => i % 10 == 1).Select(i => (long)i), read[1].Select(r => r.Offset));
        Assert.Equal(Enumerable.Range(0, Count).Where(i => i % 10 == 2).Select(i => (long)i), read[2].Select(r => r.Offset));
        Assert.All(read.SelectMany(r => r), r => Assert.Equal("v" + r.Offset, r.Value));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Read_WhileCompacting_EveryReaderEndsWithTheLatestOfEveryKey(int seed)
    {
        var log = new PartitionLog(0, new TopicPolicy { Compact = true, Delete = false }, new MemoryBudget(1L << 30), TimeProvider.System);
        var signal = new AppendSignal();
        var readers = Enumerable.Range(0, 3).Select(reader => Task.Run(() => FollowAsync(log, signal, reader == 0 ? null : $"k{reader}"))).ToArray();
        var snapshots = Task.Run(() => Snapshots(log));

        Write(log, signal, new Random(seed), clean: true);

        var read = await Task.WhenAll(readers).WaitAsync(TimeSpan.FromSeconds(30));
        await snapshots.WaitAsync(TimeSpan.FromSeconds(30));
        foreach (var records in read)
        {
            Assert.Equal(records.Select(r => r.Offset).Order().Distinct(), records.Select(r => r.Offset));
            Assert.All(records, r => Assert.Equal("v" + r.Offset, r.Value));
        }

        Assert.Equal(Enumerable.Range(Count - 10, 10).Select(i => (long)i), read[0].GroupBy(r => r.Offset % 10).Select(g => g.Last().Offset).Order());
        Assert.Equal(Count - 9, read[1][^1].Offset);
    }

    /// <summary>A bounded read of all history has every key that was there when it began, however much is compacted meanwhile.</summary>
    private static void Snapshots(PartitionLog log)
    {
        while (log.NextOffset < Count)
        {
            var known = log.NextOffset;
            var cursor = new PartitionCursor(log, Math.Max(0, log.StartOffset), RecordFilters.All);
            var keys = new HashSet<string>();
            while (cursor.Position < cursor.HistoryEnd)
            {
                while (cursor.TryRead(cursor.HistoryEnd, out var record))
                {
                    keys.Add(Encoding.UTF8.GetString(record.Key));
                }
            }

            Assert.True(keys.Count >= Math.Min(10, known), $"{keys.Count} keys of {known} records");
        }
    }

    private static void Write(PartitionLog log, AppendSignal signal, Random random, bool clean)
    {
        for (var offset = 0; offset < Count; offset++)
        {
            log.Append(offset, "k" + (offset % 10), "v" + offset);
            if (random.Next(50) == 0)
            {
                signal.Pulse();
            }

            if (clean && random.Next(200) == 0)
            {
                log.Maintain(-1);
            }
        }

        signal.Pulse();
    }

    private static async Task<List<(long Offset, string Value)>> FollowAsync(PartitionLog log, AppendSignal signal, string? key)
    {
        var read = new List<(long, string)>();
        var cursor = new PartitionCursor(log, 0, key is null ? RecordFilters.All : Records.KeyFilter(key));
        while (cursor.Position < Count)
        {
            var version = signal.Version;
            while (cursor.TryRead(long.MaxValue, out var record))
            {
                read.Add((record.Offset, Encoding.UTF8.GetString(record.Value.Span)));
            }

            if (cursor.Position < Count)
            {
                await signal.WaitAsync(version, CancellationToken.None);
            }
        }

        return read;
    }
}
