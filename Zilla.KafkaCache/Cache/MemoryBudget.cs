using Zilla.KafkaCache.Cache.Partitions;
using Zilla.KafkaCache.Cache.Spill;

namespace Zilla.KafkaCache.Cache;

/// <summary>
/// How much memory all partitions of the process and those who read from disk or Kafka may hold together. Whoever needs some reserves it
/// before; what is held gives way, the oldest first: full segments move to disk, or are dropped where there is no room for them. Compacted
/// topics are dropped last: a key that is missing there has to be looked for in Kafka. Thread-safe.
/// </summary>
/// <param name="limit">Bytes; never exceeded.</param>
/// <param name="spill">Where full segments go; null = nowhere. Owned by who made it.</param>
internal sealed class MemoryBudget(long limit, SpillFile? spill = null)
{
    // Never taken while a partition's own gate is held.
    private readonly Lock _gate = new();
    private readonly HashSet<PartitionLog> _logs = [];
    private long _held;
    private long _dropped;
    private int _waiting;

    /// <summary>Bytes.</summary>
    public long Limit { get; } = limit;

    /// <summary>Bytes held by segments, their indexes, and what is being read.</summary>
    public long Held => Volatile.Read(ref _held);

    /// <summary>Segments that had to go because of the budget.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    public SpillFile? Spill => spill;

    /// <summary>Pulsed when reserved memory was given back while somebody waited for it.</summary>
    private AppendSignal Room { get; } = new();

    /// <summary>The size up to which segments grow, in bytes: such that those being written, which are whole in memory, take no more than a quarter of it.</summary>
    public int LargestSegment => (int)Math.Clamp(Limit / (4 * Math.Max(2, _logs.Count)), PartitionLog.SmallestSegment, PartitionLog.LargestSegment);

    /// <summary>How much is read from Kafka at a time, in bytes.</summary>
    public int BatchBytes => (int)Math.Clamp(Limit / 16, 16 << 10, 256 << 10);

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

    /// <summary>Takes that many bytes, and makes room first if need be. False: all the rest is in use and cannot give way now.</summary>
    public bool TryReserve(long bytes)
    {
        if (TryTake(bytes))
        {
            return true;
        }

        if (bytes > Limit)
        {
            return false;
        }

        lock (_gate)
        {
            while (!TryTake(bytes))
            {
                if (!EvictOldest())
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>As <see cref="TryReserve"/>, but waits until others have given something back, at most <paramref name="patience"/>.</summary>
    public async Task<bool> TryReserveAsync(long bytes, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        using var waited = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(waited.Token, cancellationToken);
        Interlocked.Increment(ref _waiting);
        try
        {
            while (true)
            {
                var version = Room.Version;
                if (TryReserve(bytes))
                {
                    return true;
                }

                await Room.WaitAsync(version, either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public void Release(long bytes)
    {
        Interlocked.Add(ref _held, -bytes);
        if (Volatile.Read(ref _waiting) > 0)
        {
            Room.Pulse();
        }
    }

    private bool TryTake(long bytes)
    {
        for (var held = Held; held + bytes <= Limit; held = Held)
        {
            if (Interlocked.CompareExchange(ref _held, held + bytes, held) == held)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Has the oldest give way. False: there is nothing left that could.</summary>
    private bool EvictOldest()
    {
        // What is on disk still has its indexes in memory: beyond half of the budget they would crowd out what is read most.
        var indexes = 0L;
        foreach (var log in _logs)
        {
            indexes += log.SpilledIndexBytes;
        }

        if (spill is { Usable: true } && indexes <= Limit / 2 && Oldest(log => log.OldestInMemory) is { } oldest)
        {
            if (oldest.TrySpillOldest(spill) || (spill.Usable && DropOldest(log => log.OldestSpilled)))
            {
                return true;
            }
        }

        return (indexes > Limit / 2 && DropOldest(log => log.OldestSpilled)) || DropOldest(log => log.OldestFull) || EndLargest();
    }

    private bool DropOldest(Func<PartitionLog, long?> age)
    {
        if (Oldest(age)?.DropOldestSegment() != true)
        {
            return false;
        }

        Interlocked.Increment(ref _dropped);
        return true;
    }

    /// <summary>Ends the largest of the segments being written to, so that it can go as any other.</summary>
    private bool EndLargest() => _logs.MaxBy(log => log.ActiveBytes) is { ActiveBytes: > 0 } largest && largest.EndSegment();

    private PartitionLog? Oldest(Func<PartitionLog, long?> age)
    {
        PartitionLog? oldest = null;
        var least = (true, long.MaxValue);
        foreach (var log in _logs)
        {
            if (age(log) is { } begun && (log.Policy.Compact, begun).CompareTo(least) < 0)
            {
                (oldest, least) = (log, (log.Policy.Compact, begun));
            }
        }

        return oldest;
    }
}
