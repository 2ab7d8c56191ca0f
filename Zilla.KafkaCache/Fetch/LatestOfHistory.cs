using System.Buffers.Binary;
using System.Security.Cryptography;
using Zilla.KafkaCache.Cache.Partitions;
using Zilla.KafkaCache.Cache.Segments;

namespace Zilla.KafkaCache.Fetch;

/// <summary>The latest offset of each key that a reader may be given, below the end of its history. By digests of keys, so that what is kept of a key is bounded.</summary>
/// <param name="log">The partition.</param>
/// <param name="filters">What the reader is given.</param>
/// <param name="history">Where its history ends.</param>
/// <param name="reserve">Reserves memory, in bytes, or throws.</param>
internal sealed class LatestOfHistory(PartitionLog log, RecordFilters filters, long history, Func<long, Task> reserve) : IDisposable
{
    // A key's entry in a dictionary that doubles; keys are counted in steps.
    private const int KeySize = 64, Step = 1024;

    private readonly Dictionary<UInt128, long> _offsets = [];
    private readonly bool _any = filters.Keys is null;
    private int _counted;

    public bool HasAllKeysSought => filters.Keys?.All(key => _offsets.ContainsKey(Digest(key))) == true;

    public bool IsLatest(in CachedRecord record) => !record.HasKey || !_offsets.TryGetValue(Digest(record.Key), out var latest) || latest <= record.Offset;

    /// <summary>Takes in what is held. False: some of it was moved meanwhile; try again with what is held now.</summary>
    public async Task<bool> TryLearnAsync(Segment[] segments)
    {
        using var window = new DiskWindow(log.Budget);
        foreach (var segment in segments)
        {
            for (var index = 0; index < segment.Count && segment[index].Offset < history; index++)
            {
                var entry = segment[index];
                if (!IsSought(entry))
                {
                    continue;
                }

                if (!segment.TryGet(entry, out var bytes))
                {
                    if (!window.Holds(segment, entry))
                    {
                        var end = _any ? DiskWindow.EndFrom(segment, index) : entry.End;
                        await reserve(end - entry.Position);
                        if (!window.TryFill(segment, entry.Position, end))
                        {
                            log.GiveUp(segment);
                            return false;
                        }
                    }

                    bytes = window.Slice(entry);
                }

                await LearnAsync(new CachedRecord(bytes, entry));
            }
        }

        return true;
    }

    /// <summary>Takes in what was read from Kafka.</summary>
    public async Task LearnAsync(Segment batch)
    {
        for (var index = 0; index < batch.Count && batch[index].Offset < history; index++)
        {
            if (IsSought(batch[index]) && batch.TryGet(batch[index], out var bytes))
            {
                await LearnAsync(new CachedRecord(bytes, batch[index]));
            }
        }
    }

    public void Dispose()
    {
        log.Budget.Release((long)KeySize * _counted);
        _counted = 0;
    }

    private static UInt128 Digest(ReadOnlySpan<byte> key)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, digest);
        return BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }

    private bool IsSought(in SegmentEntry entry) => entry.KeyLength >= 0 && filters.MayHaveKey(entry.KeyHash);

    private ValueTask LearnAsync(CachedRecord record)
    {
        var digest = Digest(record.Key);
        _offsets[digest] = Math.Max(record.Offset, _offsets.GetValueOrDefault(digest));
        return _offsets.Count <= _counted ? default : CountAsync();
    }

    private async ValueTask CountAsync()
    {
        await reserve((long)KeySize * Step);
        _counted += Step;
    }
}
