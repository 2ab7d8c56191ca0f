using Zilla.KafkaCache.Cache.Partitions;

namespace Zilla.KafkaCache.Cache;

/// <summary>
/// How much memory all partitions of the process may hold together. Beyond it the oldest full segments go first; the segment that a partition
/// is being written to always stays. Compacted topics give way last: a key that is missing there is a wrong answer, not just a shorter history.
/// </summary>
internal sealed class MemoryBudget(long limit)
{
    private readonly Lock _gate = new();
    private readonly HashSet<PartitionLog> _logs = [];
    private long _held;
    private long _dropped;

    /// <summary>Bytes.</summary>
    public long Limit { get; } = limit;

    /// <summary>Bytes held by segments and their indexes.</summary>
    public long Held => Volatile.Read(ref _held);

    /// <summary>Segments that had to go because of the budget.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    public void Add(PartitionLog log)
    {
        lock (_gate)
        {
            _logs.Add(log);
        }
    }

    public void Remove(PartitionLog log)
    {
        lock (_gate)
        {
            _logs.Remove(log);
        }
    }

    public void Charge(long bytes) => Interlocked.Add(ref _held, bytes);

    /// <summary>Drops segments until the rest fits, or only segments being written are left.</summary>
    public void Enforce()
    {
        if (Held <= Limit)
        {
            return;
        }

        lock (_gate)
        {
            while (Held > Limit && _logs.Where(log => log.OldestFullSegment is not null).MinBy(log => (log.Policy.Compact, log.OldestFullSegment)) is { } oldest)
            {
                _dropped += oldest.DropOldestSegment() ? 1 : 0;
            }
        }
    }
}
