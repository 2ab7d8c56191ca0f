using System.Buffers;
using Zilla.KafkaCache.Cache.Segments;
using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache.Cache.Partitions;

/// <summary>What compaction needs to know of a partition: the latest record of each key that is held, and when tombstones are due. Under the gate of its log.</summary>
internal sealed class KeyHistory
{
    private const int TombstoneSize = 24;

    private readonly LatestByKey _latest = new();
    private readonly LatestByKey.HasKey _hasKey;
    private readonly Queue<(long Offset, uint KeyHash, long Due)> _tombstones = [];
    private readonly TimeProvider _time;
    private readonly long _deleteRetention;
    private Segment[] _segments = [];
    private long _expiredThrough = -1;

    public KeyHistory(TimeProvider time, TimeSpan deleteRetention)
    {
        (_time, _deleteRetention) = (time, (long)(deleteRetention.TotalSeconds * time.TimestampFrequency));
        _hasKey = HasKey;
    }

    /// <summary>No tombstone that was held and is past its time lies above.</summary>
    public long ExpiredThrough => Volatile.Read(ref _expiredThrough);

    public int Keys => _latest.Count;

    /// <summary>A record that was compared could not be read from disk.</summary>
    public bool LostRecords { get; private set; }

    /// <summary>Memory held, in bytes.</summary>
    public long Size => _latest.Size + ((long)TombstoneSize * _tombstones.Capacity);

    /// <summary>How many bytes larger it may be after one more record.</summary>
    public long GrowthFor(in KafkaRecordHead head) =>
        !head.HasKey ? 0 : _latest.GrowthForOne + (head.IsTombstone && _tombstones.Count == _tombstones.Capacity ? TombstoneSize * Math.Max(4L, _tombstones.Capacity) : 0);

    /// <summary>Marks the record before this one with the same key.</summary>
    public void Supersede(Segment[] segments, in KafkaRecordHead head)
    {
        (_segments, LostRecords) = (segments, false);
        var hash = RecordHash.OfKey(head.Key);
        var previous = _latest.Replace(hash, head.Key, head.Offset, _hasKey);
        if (previous >= 0 && SegmentSearch.TryFind(segments, previous, out var segment, out var index))
        {
            segment.MarkSuperseded(index, head.Offset);
        }

        if (head.IsTombstone)
        {
            _tombstones.Enqueue((head.Offset, hash, _time.GetTimestamp() + _deleteRetention));
        }
    }

    /// <summary>Marks tombstones that are past their time.</summary>
    public void Expire(Segment[] segments)
    {
        var now = _time.GetTimestamp();
        while (_tombstones.TryPeek(out var tombstone) && tombstone.Due <= now)
        {
            _tombstones.Dequeue();
            _latest.Remove(tombstone.KeyHash, tombstone.Offset);
            Volatile.Write(ref _expiredThrough, Math.Max(_expiredThrough, tombstone.Offset));
            if (SegmentSearch.TryFind(segments, tombstone.Offset, out var segment, out var index) && segment[index].SupersededBy == 0)
            {
                segment.MarkSuperseded(index, SegmentEntry.Expired);
            }
        }
    }

    /// <summary>A segment is held no longer: what it had of keys is not the latest that is held.</summary>
    public void Forget(Segment dropped)
    {
        for (var index = 0; index < dropped.Count; index++)
        {
            ref var entry = ref dropped[index];
            if (entry.KeyLength >= 0 && entry.SupersededBy == 0)
            {
                _latest.Remove(entry.KeyHash, entry.Offset);
            }
        }

        while (dropped.Count > 0 && _tombstones.TryPeek(out var tombstone) && tombstone.Offset <= dropped[dropped.Count - 1].Offset)
        {
            _tombstones.Dequeue();
        }
    }

    private bool HasKey(long offset, ReadOnlySpan<byte> key)
    {
        if (!SegmentSearch.TryFind(_segments, offset, out var segment, out var index) || segment[index].KeyLength != key.Length)
        {
            return false;
        }

        ref var entry = ref segment[index];
        if (segment.TryGet(entry, out var bytes))
        {
            return bytes.Span.Slice(entry.KeyStart, entry.KeyLength).SequenceEqual(key);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(entry.KeyLength);
        var spilled = buffer.AsSpan(0, entry.KeyLength);
        var read = segment.Spilled!.TryRead(entry.Position + entry.KeyStart, spilled);
        var same = read && spilled.SequenceEqual(key);
        ArrayPool<byte>.Shared.Return(buffer);
        LostRecords |= !read;
        return same;
    }
}
