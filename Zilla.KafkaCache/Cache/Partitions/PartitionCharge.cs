using Zilla.KafkaCache.Cache.Segments;

namespace Zilla.KafkaCache.Cache.Partitions;

/// <summary>What the memory of a partition counts for in the budget. Changed under the gate of its log, looked at by any thread.</summary>
/// <param name="budget">Of the replica.</param>
internal sealed class PartitionCharge(MemoryBudget budget)
{
    private long _bytes;
    private long _spilledIndexBytes;

    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Of these: what segments on disk take.</summary>
    public long SpilledIndexBytes => Volatile.Read(ref _spilledIndexBytes);

    /// <summary>Takes over what has been reserved.</summary>
    public void Add(long reserved) => Volatile.Write(ref _bytes, _bytes + reserved);

    /// <summary>Settles what was reserved with what is held.</summary>
    /// <param name="segments">That are held.</param>
    /// <param name="keys">Bytes that are held besides.</param>
    public void Settle(ReadOnlySpan<Segment> segments, long keys)
    {
        var (size, indexes) = (keys, 0L);
        foreach (var segment in segments)
        {
            size += segment.Size;
            indexes += segment.Spilled is null ? 0 : segment.IndexSize;
        }

        var excess = _bytes - size;
        Volatile.Write(ref _bytes, size);
        Volatile.Write(ref _spilledIndexBytes, indexes);
        budget.Release(excess);
    }
}
