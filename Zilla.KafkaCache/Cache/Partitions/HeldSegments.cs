using Zilla.KafkaCache.Cache.Segments;
using Zilla.KafkaCache.Cache.Spill;

namespace Zilla.KafkaCache.Cache.Partitions;

/// <summary>
/// The segments that are held of a partition, and what follows from their coming and going: its bounds, the keys that are known, the memory that counts. Changed under the gate of its log, looked at by any thread.
/// </summary>
/// <param name="bounds">Of the partition.</param>
/// <param name="keys">Of a compacted topic; null: it is none.</param>
/// <param name="budget">What the memory counts against.</param>
/// <param name="time">The clock.</param>
internal sealed class HeldSegments(PartitionBounds bounds, KeyHistory? keys, MemoryBudget budget, TimeProvider time)
{
    private readonly PartitionCharge _charge = new(budget);
    private Segment[] _all = [];

    /// <summary>In offset order. The array is replaced when segments come and go, its elements never change.</summary>
    public Segment[] All => Volatile.Read(ref _all);

    /// <summary>That which is being written to; null: what comes next begins one.</summary>
    public Segment? Active => All is [.., { Sealed: false } active] ? active : null;

    /// <summary>The oldest, unless it is being written to; null: there is none.</summary>
    public Segment? OldestFull => All is [{ Sealed: true } oldest, ..] ? oldest : null;

    /// <summary>As <see cref="OldestFull"/>, of those whose bytes are in memory.</summary>
    public Segment? OldestInMemory => Array.Find(All, segment => segment.Spilled is null) is { Sealed: true } oldest ? oldest : null;

    /// <summary>Memory that counts for them, in bytes.</summary>
    public long Bytes => _charge.Bytes;

    /// <summary>Of these: what segments on disk take.</summary>
    public long SpilledIndexBytes => _charge.SpilledIndexBytes;

    /// <summary>Nothing counts any more, nor is anything taken in.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>What appending takes, in bytes; <paramref name="capacity"/> is that of a new segment, if it takes one.</summary>
    public long GrowthFor(in RecordData record, int length, out int? capacity)
    {
        var growth = keys?.GrowthFor(record.Head) ?? 0;
        if (_all is [.., var active] && active.HasRoomFor(length))
        {
            capacity = null;
            return growth + active.GrowthFor(record.Headers.Length);
        }

        // Each one twice the size of the one before.
        var usual = Math.Clamp(_all.Length == 0 ? 0 : _all[^1].Capacity * 2L, PartitionLog.SmallestSegment, budget.LargestSegment);
        capacity = (int)Math.Max(usual, length);
        return growth + Segment.InitialSize(capacity.Value, record.Headers.Length);
    }

    /// <param name="record">The next.</param>
    /// <param name="extensionLength">Bytes of its encoded extension.</param>
    /// <param name="capacity">Of a new segment; null: the last one has room.</param>
    /// <param name="reserved">Memory that was reserved for it, in bytes.</param>
    public void Append(in RecordData record, int extensionLength, int? capacity, long reserved)
    {
        _charge.Add(reserved);
        var offset = record.Head.Offset;
        if (IsClosed)
        {
            bounds.PassTo(offset + 1);
            Recharge();
            return;
        }

        if (capacity is { } size)
        {
            _all.LastOrDefault()?.Seal();
            Volatile.Write(ref _all, [.. _all, new(offset, size, time.GetTimestamp())]);
        }

        _all[^1].Append(record, extensionLength);
        bounds.Begin(offset);
        if (keys is not null && record.Head.HasKey)
        {
            keys.Supersede(_all, record.Head);
            Drop(keys.LostRecords ? Array.FindLastIndex(_all, segment => segment.Spilled is not null) + 1 : 0);
        }

        bounds.PassTo(offset + 1);
        if (reserved > 0)
        {
            Recharge();
        }
    }

    /// <summary>Lets go of so many of the oldest.</summary>
    /// <param name="count">So many.</param>
    /// <param name="expired">Their records are to be read no more, not from Kafka either.</param>
    public void Drop(int count, bool expired = false)
    {
        if (count == 0)
        {
            return;
        }

        // The new start first: a reader that finds it jumps ahead instead of missing records unaware.
        var dropped = _all[..count];
        bounds.Drop(_all.Length > count ? _all[count].BaseOffset : bounds.Next);
        if (expired)
        {
            bounds.Expire();
        }

        Volatile.Write(ref _all, _all[count..]);
        foreach (var segment in dropped)
        {
            segment.Spilled?.Free();
            keys?.Forget(segment);
        }

        Recharge();
    }

    /// <summary>Moves the oldest full segment that is in memory to disk. False: there is none, or it could not be.</summary>
    public bool TrySpillOldest(SpillFile file)
    {
        if (OldestInMemory?.TrySpill(file) != true)
        {
            return false;
        }

        Recharge();
        return true;
    }

    /// <summary>Ends the segment that is being written to. False if there is none.</summary>
    public bool EndActive()
    {
        if (Active is not { } active)
        {
            return false;
        }

        active.Seal();
        Recharge();
        return true;
    }

    /// <summary>Puts cleaned segments in place of those they were made from.</summary>
    public void Replace(CleanedSegments cleaned)
    {
        _charge.Add(cleaned.Reserved);

        // The old end may have been dropped meanwhile, and then the replacement is of no use.
        var at = Array.IndexOf(_all, cleaned.Run[0]);
        if (at >= 0)
        {
            Volatile.Write(ref _all, [.. _all[..at], .. cleaned.Replacement, .. _all[(at + cleaned.Run.Length)..]]);
            Array.ForEach(cleaned.Run, segment => segment.Spilled?.Free());
        }

        Recharge();
    }

    /// <summary>Gives all memory back to the budget; readers that are still there keep what they hold.</summary>
    public void Close()
    {
        IsClosed = true;
        Array.ForEach(_all, segment => segment.Spilled?.Free());
        Recharge();
    }

    /// <summary>Settles what was reserved with what is held.</summary>
    private void Recharge() => _charge.Settle(IsClosed ? [] : _all, IsClosed ? 0 : keys?.Size ?? 0);
}
