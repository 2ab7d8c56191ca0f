using Zilla.KafkaCache.Cache.Segments;
using Zilla.KafkaCache.Cache.Topics;
using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache.Cache.Partitions;

/// <summary>
/// What is held of one partition: segments in offset order. One thread writes (appends, marks, cleans); readers follow without a lock, through
/// <see cref="PartitionCursor"/>. Whole segments may be dropped at the old end from any thread. The list of segments is replaced, never changed.
/// </summary>
/// <remarks>
/// Order of publication: a record, then <see cref="NextOffset"/>. Whoever reads NextOffset first and the segments after it sees every record below it.
/// </remarks>
internal sealed class PartitionLog
{
    public const int LargestSegment = 1 << 20;

    /// <summary>The most that a record's encoded <c>KafkaDataEx</c> may take: it has to fit into one frame.</summary>
    public const int LargestExtension = 768 << 10;

    private const int SmallestSegment = 1 << 14;

    private readonly Lock _gate = new();
    private readonly MemoryBudget _budget;
    private readonly TimeProvider _time;
    private readonly LatestByKey _latest = new();
    private readonly LatestByKey.HasKey _hasKey;
    private readonly Queue<(long Offset, uint KeyHash, long Due)> _tombstones = [];
    private Segment[] _segments = [];
    private long _charged;
    private long _nextOffset = -1;
    private long _startOffset = -1;
    private long _firstOffset = -1;
    private long _earliestOffset;
    private long _expiredThrough = -1;
    private long _cleanedThrough = -1;
    private long _knownEnd;
    private bool _hydrated;
    private bool _closed;

    /// <param name="partition">Its number.</param>
    /// <param name="policy">Of its topic.</param>
    /// <param name="budget">What its memory counts against.</param>
    /// <param name="time">The clock.</param>
    /// <param name="startsLive">Kafka has records before the first that comes here.</param>
    public PartitionLog(int partition, TopicPolicy policy, MemoryBudget budget, TimeProvider time, bool startsLive = false)
    {
        _earliestOffset = startsLive ? 0 : -1;
        (Partition, Policy, _budget, _time) = (partition, policy, budget, time);
        _hasKey = HasKey;
        budget.Add(this);
    }

    public int Partition { get; }
    public TopicPolicy Policy { get; }

    /// <summary>The first offset that is held; -1 while nothing is known.</summary>
    public long StartOffset => Volatile.Read(ref _startOffset);

    /// <summary>
    /// The first offset that can be read at all: what lies between it and <see cref="StartOffset"/> had to give way to the memory budget, or was
    /// there before the cache, and is in Kafka. What retention has dropped lies below both.
    /// </summary>
    public long EarliestOffset => Math.Min(Volatile.Read(ref _earliestOffset), StartOffset);

    /// <summary>Where the topic begins for who does not ask for a certain offset; with <c>defaultOffset: live</c> that is where the cache came to it.</summary>
    public long FirstOffset => Math.Max(Volatile.Read(ref _firstOffset), EarliestOffset);

    /// <summary>No tombstone that was held and is past its time lies above.</summary>
    public long ExpiredThrough => Volatile.Read(ref _expiredThrough);

    /// <summary>The offset after the last one known, records that are not for readers (transaction marks) included; -1 while nothing is known.</summary>
    public long NextOffset => Volatile.Read(ref _nextOffset);

    /// <summary>Records that are known to be in Kafka and have not come here yet, as of the last <see cref="Maintain"/>.</summary>
    public long Lag => Math.Max(0, Volatile.Read(ref _knownEnd) - Math.Max(0, NextOffset));

    /// <summary>The end of the partition has been reached once.</summary>
    public bool Hydrated => Volatile.Read(ref _hydrated);

    /// <summary>The highest offset for whose sake an older record of the same key is no longer held.</summary>
    public long CleanedThrough => Volatile.Read(ref _cleanedThrough);

    /// <summary>In offset order. The array is replaced when segments come and go, its elements never change.</summary>
    public Segment[] Segments => Volatile.Read(ref _segments);

    /// <summary>When the oldest segment was begun that is not being written to; null if there is none.</summary>
    public long? OldestFullSegment => Volatile.Read(ref _segments) is { Length: > 1 } segments ? segments[0].CreatedAt : null;

    public long HeldBytes => Volatile.Read(ref _charged);
    public long HeldRecords => Volatile.Read(ref _segments).Sum(segment => (long)segment.Count);

    /// <summary>Takes the next record. Writer only.</summary>
    /// <exception cref="InvalidDataException">The offset has been seen: the partition began anew.</exception>
    public void Append(in RecordData record)
    {
        var offset = record.Head.Offset;
        if (offset < _nextOffset)
        {
            throw new InvalidDataException($"Offset {offset} came after {_nextOffset - 1}");
        }

        var extensionLength = record.ExtensionLength;
        var segments = _segments;
        var segment = segments.Length > 0 && segments[^1].HasRoomFor(extensionLength + record.Value.Length) ? segments[^1] : Roll(offset, extensionLength + record.Value.Length);
        segment.Append(record, extensionLength);
        Begin(offset);

        if (Policy.Compact && record.Head.HasKey)
        {
            Supersede(record.Head);
        }

        Volatile.Write(ref _nextOffset, offset + 1);
    }

    /// <summary>The end of the partition was reached at this offset. Writer only.</summary>
    public void ReachEnd(long offset)
    {
        Begin(offset);

        if (offset > _nextOffset)
        {
            Volatile.Write(ref _nextOffset, offset);
        }

        Volatile.Write(ref _hydrated, true);
    }

    /// <summary>Goes past a record that is not for readers. Writer only.</summary>
    public void Skip(long offset)
    {
        Begin(offset);

        Volatile.Write(ref _nextOffset, Math.Max(_nextOffset, offset + 1));
    }

    /// <summary>Applies retention and compaction. Writer only.</summary>
    /// <param name="lowWatermark">What Kafka itself has dropped lies below; negative when not known.</param>
    /// <param name="highWatermark">Where Kafka's partition ends; negative when not known.</param>
    public void Maintain(long lowWatermark, long highWatermark = -1)
    {
        Volatile.Write(ref _knownEnd, highWatermark);
        var segments = _segments;
        while (segments.Length > 0 && IsPastRetention(segments, lowWatermark) && DropOldestSegment(expired: true))
        {
            segments = _segments;
        }

        if (lowWatermark > _startOffset && lowWatermark <= _nextOffset)
        {
            Volatile.Write(ref _startOffset, lowWatermark);
        }

        if (lowWatermark > _earliestOffset)
        {
            Volatile.Write(ref _earliestOffset, lowWatermark);
        }

        if (Policy.Compact)
        {
            ExpireTombstones();
            if (SegmentCleaner.Clean(segments) is { } cleaned)
            {
                Volatile.Write(ref _cleanedThrough, Math.Max(_cleanedThrough, cleaned.Through));
                Replace(cleaned);
            }
        }

        Recharge();
    }

    /// <summary>Drops the oldest segment; from any thread. False if there is none to drop.</summary>
    /// <param name="expired">Its records are to be read no more, not from Kafka either; that may be the segment being written.</param>
    public bool DropOldestSegment(bool expired = false)
    {
        lock (_gate)
        {
            var segments = _segments;
            if (segments.Length == 0 || (segments.Length == 1 && !expired))
            {
                return false;
            }

            // The new start first: a reader that finds it jumps ahead instead of missing records unaware.
            Volatile.Write(ref _startOffset, Math.Max(_startOffset, segments.Length > 1 ? segments[1].BaseOffset : _nextOffset));
            if (expired)
            {
                Volatile.Write(ref _earliestOffset, _startOffset);
            }

            Volatile.Write(ref _segments, segments[1..]);
        }

        Recharge();
        return true;
    }

    /// <summary>Gives all memory back to the budget; readers that are still there keep what they hold.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
        }

        _budget.Remove(this);
        Recharge();
    }

    private void Begin(long offset)
    {
        if (_startOffset < 0)
        {
            _firstOffset = offset;
            if (_earliestOffset < 0)
            {
                _earliestOffset = offset;
            }

            Volatile.Write(ref _startOffset, offset);
        }
    }

    // Kafka counts bytes as stored, compressed perhaps: where it says what it has dropped, that decides.
    private bool IsPastRetention(Segment[] segments, long lowWatermark)
    {
        var (oldest, end) = (segments[0], segments.Length > 1 ? segments[1].BaseOffset : _nextOffset);
        return end <= lowWatermark
            || (Policy.Delete && Policy.Retention is { } retention && oldest.MaxTimestamp < (_time.GetUtcNow() - retention).ToUnixTimeMilliseconds())
            || (Policy.Delete && lowWatermark < 0 && segments.Length > 1 && Policy.RetentionBytes is { } limit && segments.Sum(s => (long)s.UsedBytes) - oldest.UsedBytes >= limit);
    }

    private Segment Roll(long baseOffset, int room)
    {
        Segment segment;
        lock (_gate)
        {
            // Small at first, so that many small partitions cost little; each one twice the size of the one before.
            var usual = _segments.Length == 0 ? SmallestSegment : Math.Min(LargestSegment, Math.Max(SmallestSegment, _segments[^1].Capacity * 2));
            segment = new(baseOffset, Math.Max(usual, room), _time.GetTimestamp());
            Volatile.Write(ref _segments, [.. _segments, segment]);
        }

        Recharge();
        _budget.Enforce();
        return segment;
    }

    private void Supersede(in KafkaRecordHead head)
    {
        var hash = RecordHash.OfKey(head.Key);
        var previous = _latest.Replace(hash, head.Key, head.Offset, _hasKey);
        if (previous >= 0 && Find(previous) is var (segment, index) && segment is not null)
        {
            segment.MarkSuperseded(index, head.Offset);
        }

        if (head.IsTombstone)
        {
            _tombstones.Enqueue((head.Offset, hash, _time.GetTimestamp() + Ticks(Policy.DeleteRetention)));
        }
    }

    private void ExpireTombstones()
    {
        var now = _time.GetTimestamp();
        while (_tombstones.TryPeek(out var tombstone) && tombstone.Due <= now)
        {
            _tombstones.Dequeue();
            _latest.Remove(tombstone.KeyHash, tombstone.Offset);
            Volatile.Write(ref _expiredThrough, Math.Max(_expiredThrough, tombstone.Offset));
            if (Find(tombstone.Offset) is var (segment, index) && segment is not null && segment[index].SupersededBy == 0)
            {
                segment.MarkSuperseded(index, SegmentEntry.Expired);
            }
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);

    private bool HasKey(long offset, ReadOnlySpan<byte> key)
    {
        var (segment, index) = Find(offset);
        return segment is not null && segment.KeyOf(segment[index]).SequenceEqual(key);
    }

    private (Segment? Segment, int Index) Find(long offset)
    {
        if (SegmentSearch.Find(_segments, offset) is not { } segment)
        {
            return default;
        }

        var index = segment.LowerBound(offset);
        return index < segment.Count && segment[index].Offset == offset ? (segment, index) : default;
    }

    private void Replace(CleanedSegments cleaned)
    {
        lock (_gate)
        {
            // The old end may have been dropped meanwhile, and then the replacement is of no use.
            var at = Array.IndexOf(_segments, cleaned.First);
            if (at >= 0)
            {
                Volatile.Write(ref _segments, [.. _segments[..at], .. cleaned.Replacement, .. _segments[(at + cleaned.Count)..]]);
            }
        }
    }

    private void Recharge()
    {
        lock (_gate)
        {
            var size = _closed ? 0 : _segments.Sum(segment => segment.Size);
            _budget.Charge(size - _charged);
            Volatile.Write(ref _charged, size);
        }
    }
}
