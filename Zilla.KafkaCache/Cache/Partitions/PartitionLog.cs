using Zilla.KafkaCache.Cache.Segments;
using Zilla.KafkaCache.Cache.Spill;
using Zilla.KafkaCache.Cache.Topics;

namespace Zilla.KafkaCache.Cache.Partitions;

/// <summary>
/// What is held of one partition: segments in offset order. One thread writes (appends, marks, cleans); readers follow without a lock, through
/// <see cref="PartitionCursor"/>. The budget may, from any thread, end the last segment, move segments to disk, and drop them at the old end: the gate
/// keeps that apart from writing. The list of segments is replaced, never changed.
/// </summary>
/// <remarks>
/// Order of publication: a record, then <see cref="NextOffset"/>. Whoever reads NextOffset first and the segments after it sees every record below
/// it. When something is dropped: <see cref="StartOffset"/>, then the segments. Memory is reserved before the gate is taken, never within it.
/// </remarks>
internal sealed class PartitionLog
{
    /// <summary>The size up to which segments double, in bytes; less where the budget is small (<see cref="MemoryBudget.LargestSegment"/>).</summary>
    public const int LargestSegment = 1 << 20;

    /// <summary>The size with which partitions begin, in bytes: many small ones shall cost little.</summary>
    public const int SmallestSegment = 1 << 14;

    /// <summary>The most that a record's encoded <c>KafkaDataEx</c> may take: it has to fit into one frame.</summary>
    public const int LargestExtension = 768 << 10;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly KeyHistory? _keys;
    private readonly PartitionBounds _bounds;
    private readonly HeldSegments _held;
    private long _cleanedThrough = -1;

    /// <param name="partition">Its number.</param>
    /// <param name="policy">Of its topic.</param>
    /// <param name="budget">What its memory counts against.</param>
    /// <param name="time">The clock.</param>
    /// <param name="startsLive">Kafka has records before the first that comes here.</param>
    public PartitionLog(int partition, TopicPolicy policy, MemoryBudget budget, TimeProvider time, bool startsLive = false)
    {
        (Partition, Policy, Budget, _time) = (partition, policy, budget, time);
        (_bounds, _keys) = (new(startsLive), policy.Compact ? new(time, policy.DeleteRetention) : null);
        _held = new(_bounds, _keys, budget, time);
        budget.Add(this);
    }

    public int Partition { get; }
    public TopicPolicy Policy { get; }

    /// <summary>What its memory, and that of its readers, counts against.</summary>
    public MemoryBudget Budget { get; }

    /// <inheritdoc cref="PartitionBounds.Start"/>
    public long StartOffset => _bounds.Start;

    /// <inheritdoc cref="PartitionBounds.Earliest"/>
    public long EarliestOffset => _bounds.Earliest;

    /// <inheritdoc cref="PartitionBounds.First"/>
    public long FirstOffset => _bounds.First;

    /// <summary>No tombstone that was held and is past its time lies above.</summary>
    public long ExpiredThrough => _keys?.ExpiredThrough ?? -1;

    /// <inheritdoc cref="PartitionBounds.Next"/>
    public long NextOffset => _bounds.Next;

    /// <summary>Records that are known to be in Kafka and have not come here yet, as of the last <see cref="Maintain"/>.</summary>
    public long Lag => _bounds.Lag;

    /// <inheritdoc cref="PartitionBounds.Hydrated"/>
    public bool Hydrated => _bounds.Hydrated;

    /// <summary>The highest offset for whose sake an older record of the same key is no longer held.</summary>
    public long CleanedThrough => Volatile.Read(ref _cleanedThrough);

    /// <inheritdoc cref="HeldSegments.All"/>
    public Segment[] Segments => _held.All;

    /// <summary>When the oldest segment was begun, unless it is being written to; null if there is none.</summary>
    public long? OldestFull => _held.OldestFull?.CreatedAt;

    /// <summary>As <see cref="OldestFull"/>, of those whose bytes are in memory.</summary>
    public long? OldestInMemory => _held.OldestInMemory?.CreatedAt;

    /// <summary>As <see cref="OldestFull"/>, if there are segments on disk.</summary>
    public long? OldestSpilled => SpilledIndexBytes > 0 ? OldestFull : null;

    /// <summary>Memory that segments on disk take, in bytes.</summary>
    public long SpilledIndexBytes => _held.SpilledIndexBytes;

    /// <summary>Memory that the segment takes that is being written to, in bytes.</summary>
    public long ActiveBytes => _held.Active?.Size ?? 0;

    public long HeldBytes => _held.Bytes;
    public long HeldRecords => Segments.Sum(segment => (long)segment.Count);

    /// <summary>Keys whose latest record is held, of a compacted topic.</summary>
    public int HeldKeys => _keys?.Keys ?? 0;

    /// <summary>Takes the next record. Where no room can be made for it, it is not held, and with it nothing before it. Writer only.</summary>
    /// <exception cref="InvalidDataException">The offset has been seen: the partition began anew.</exception>
    public void Append(in RecordData record)
    {
        var offset = record.Head.Offset;
        if (offset < NextOffset)
        {
            throw new InvalidDataException($"Offset {offset} came after {NextOffset - 1}");
        }

        var extensionLength = record.ExtensionLength;
        var length = extensionLength + record.Value.Length;
        for (var reserved = 0L; ;)
        {
            long needed;
            lock (_gate)
            {
                needed = _held.GrowthFor(record, length, out var capacity);
                if (needed <= reserved || _held.IsClosed)
                {
                    _held.Append(record, extensionLength, capacity, reserved);
                    return;
                }
            }

            // Making room may end the very segment that it was for: look again.
            if (!Budget.TryReserve(needed - reserved))
            {
                Budget.Release(reserved);
                PassOver(offset);
                return;
            }

            reserved = needed;
        }
    }

    /// <summary>The end of the partition was reached at this offset. Writer only.</summary>
    public void ReachEnd(long offset)
    {
        _bounds.Begin(offset);
        _bounds.PassTo(offset);
        _bounds.ReachEnd();
    }

    /// <summary>Goes past a record that is not for readers. Writer only.</summary>
    public void Skip(long offset)
    {
        _bounds.Begin(offset);
        _bounds.PassTo(offset + 1);
    }

    /// <summary>Applies retention and compaction. Writer only.</summary>
    /// <param name="lowWatermark">What Kafka itself has dropped lies below; negative when not known.</param>
    /// <param name="highWatermark">Where Kafka's partition ends; negative when not known.</param>
    public void Maintain(long lowWatermark, long highWatermark = -1)
    {
        _bounds.FollowEnd(highWatermark);
        var now = _time.GetUtcNow();
        lock (_gate)
        {
            // Not apart from looking: the budget may take the oldest in between, and what is next is not over.
            while (Segments is { Length: > 0 } segments && Retention.IsOver(Policy, segments, NextOffset, lowWatermark, now))
            {
                _held.Drop(1, expired: true);
            }

            _bounds.FollowStart(lowWatermark);
            _keys?.Expire(Segments);
        }

        if (Policy.Compact && SegmentCleaner.Find(Segments) is { Length: > 0 } run && SegmentCleaner.Rewrite(run, Budget) is { } cleaned)
        {
            Volatile.Write(ref _cleanedThrough, Math.Max(_cleanedThrough, cleaned.Through));
            lock (_gate)
            {
                _held.Replace(cleaned);
            }
        }
    }

    /// <summary>Drops the oldest segment, if it is full; from any thread. False if there is none to drop.</summary>
    public bool DropOldestSegment()
    {
        lock (_gate)
        {
            if (_held.OldestFull is null)
            {
                return false;
            }

            _held.Drop(1);
            return true;
        }
    }

    /// <summary>Lets go of a segment that cannot be read from disk, and of all before it; nothing happens if it has gone already. From any thread.</summary>
    public void GiveUp(Segment segment)
    {
        lock (_gate)
        {
            _held.Drop(Array.IndexOf(Segments, segment) + 1);
        }
    }

    /// <summary>Moves the oldest full segment that is in memory to disk; from any thread. False: there is none, or it could not be.</summary>
    public bool TrySpillOldest(SpillFile file)
    {
        lock (_gate)
        {
            return _held.TrySpillOldest(file);
        }
    }

    /// <summary>Ends the segment that is being written to: what comes next begins a new one. From any thread. False if there is none.</summary>
    public bool EndSegment()
    {
        lock (_gate)
        {
            return _held.EndActive();
        }
    }

    /// <summary>Gives all memory back to the budget; readers that are still there keep what they hold.</summary>
    public void Close()
    {
        Budget.Remove(this);
        lock (_gate)
        {
            _held.Close();
        }
    }

    /// <summary>There is no room for a record: readers get it, and what comes before it, from Kafka.</summary>
    private void PassOver(long offset)
    {
        lock (_gate)
        {
            _bounds.Begin(offset);
            _bounds.Drop(offset + 1);
            _held.Drop(Segments.Length);
            _bounds.PassTo(offset + 1);
        }
    }
}
