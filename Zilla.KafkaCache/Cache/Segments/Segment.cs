using System.Numerics;
using Zilla.KafkaCache.Cache.Spill;
using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache.Cache.Segments;

/// <summary>
/// An append-only run of records of one partition in one array, with its indexes. One writer appends; any number of readers follow without a
/// lock: whatever lies below <see cref="Count"/> is complete and never changes, but for <see cref="SegmentEntry.SupersededBy"/>. Arrays are not
/// pooled: a reader that still holds a slice of a dropped or spilled segment keeps it alive, and nobody else writes into it.
/// </summary>
/// <remarks>The bytes of a segment that is full can be moved to the spill file; entries and indexes stay in memory.</remarks>
internal sealed class Segment(long baseOffset, int capacity, long createdAt, bool indexed = true)
{
    private const int FirstEntries = 16;

    // What an encoded head may have behind the key.
    private const int TombstoneSize = 2;

    private readonly HashIndex? _keys = indexed ? new() : null;
    private readonly HashIndex? _headers = indexed ? new() : null;
    private byte[]? _bytes = GC.AllocateUninitializedArray<byte>(capacity);
    private SpilledBytes? _spilled;
    private SegmentEntry[] _entries = new SegmentEntry[FirstEntries];
    private int _used;
    private int _count;

    /// <summary>No record of this segment is below it, and those of earlier segments are.</summary>
    public long BaseOffset { get; } = baseOffset;

    /// <summary>When it was begun, on the cache's clock: the oldest goes first.</summary>
    public long CreatedAt { get; } = createdAt;

    public int Count => Volatile.Read(ref _count);

    /// <summary>The latest record timestamp, ms since the Unix epoch.</summary>
    public long MaxTimestamp { get; private set; } = long.MinValue;

    /// <summary>Bytes of records; the writer's.</summary>
    public int UsedBytes => _used;

    /// <summary>Bytes of records that newer ones superseded; the writer's.</summary>
    public int DeadBytes { get; private set; }

    /// <summary>Records that none superseded; the writer's.</summary>
    public int LiveCount { get; private set; }

    /// <summary>Headers of all records.</summary>
    public int HeaderCount => _headers?.Count ?? 0;

    public int Capacity { get; } = capacity;

    /// <summary>Nothing will be appended any more.</summary>
    public bool Sealed { get; private set; }

    /// <summary>Where its bytes are on disk; null as long as they are in memory.</summary>
    public SpilledBytes? Spilled => Volatile.Read(ref _spilled);

    /// <summary>Memory held, in bytes, indexes included.</summary>
    public long Size => (Spilled is null ? Capacity : 0) + IndexSize;

    /// <summary>The part of <see cref="Size"/> that stays in memory when the bytes are on disk.</summary>
    public long IndexSize => ((long)SegmentEntry.Size * Volatile.Read(ref _entries).Length) + (_keys?.Size ?? 0) + (_headers?.Size ?? 0);

    public ref SegmentEntry this[int index] => ref Volatile.Read(ref _entries)[index];

    /// <summary>Memory that a new segment takes with its first record, in bytes.</summary>
    public static long InitialSize(int capacity, int headers, bool indexed = true) =>
        indexed ? SizeFor(capacity, 1, headers) : capacity + (SegmentEntry.Size * FirstEntries);

    /// <summary>Memory that a segment with indexes takes which has grown to hold so much, in bytes.</summary>
    public static long SizeFor(int capacity, int records, int headers) =>
        capacity + ((long)SegmentEntry.Size * Math.Max(FirstEntries, BitOperations.RoundUpToPowerOf2((uint)records))) + HashIndex.SizeFor(records) + HashIndex.SizeFor(headers);

    public bool HasRoomFor(int length) => !Sealed && Capacity - _used >= length;

    /// <summary>How many bytes more it takes once one more record has been appended, beyond the array that it has.</summary>
    public long GrowthFor(int headers) =>
        (_count == _entries.Length ? (long)SegmentEntry.Size * _entries.Length : 0) + (_keys?.GrowthFor(1) ?? 0) + (_headers?.GrowthFor(headers) ?? 0);

    public void Append(in RecordData record, int extensionLength)
    {
        var head = record.Head;
        var bytes = _bytes.AsSpan(_used, extensionLength + record.Value.Length);
        KafkaRecordCodec.Write(head, record.Headers, bytes[..extensionLength]);
        record.Value.CopyTo(bytes[extensionLength..]);
        Publish(new()
        {
            Offset = head.Offset,
            Position = _used,
            ExtensionLength = extensionLength,
            ValueLength = record.Value.Length,
            KeyStart = (byte)(head.HasKey ? KafkaRecordCodec.HeadSize(head) - (head.IsTombstone ? TombstoneSize : 0) - head.Key.Length : 0),
            KeyLength = head.HasKey ? head.Key.Length : -1,
            KeyHash = head.HasKey ? RecordHash.OfKey(head.Key) : 0,
            Tombstone = head.IsTombstone,
        }, head.Timestamp);
    }

    /// <summary>Appends a record of another segment as it is; for compaction.</summary>
    public void AppendFrom(Segment source, in SegmentEntry entry, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes.AsSpan(_used));
        Publish(entry with { Position = _used }, source.MaxTimestamp);
    }

    public void MarkSuperseded(int index, long by)
    {
        ref var entry = ref this[index];
        if (entry.SupersededBy == 0)
        {
            DeadBytes += entry.Length;
            LiveCount--;
        }

        Volatile.Write(ref entry.SupersededBy, by);
    }

    /// <summary>Ends it: gives back what indexes hold in advance.</summary>
    public void Seal()
    {
        if (!Sealed)
        {
            Sealed = true;
            Volatile.Write(ref _entries, _entries[.._count]);
            _keys?.Trim();
            _headers?.Trim();
        }
    }

    /// <summary>Moves its bytes to disk; those who hold slices keep them. False: the spill file takes them not, and nothing has changed.</summary>
    public bool TrySpill(SpillFile file)
    {
        if (file.TryWrite(_bytes.AsSpan(0, _used)) is not { } spilled)
        {
            return false;
        }

        Volatile.Write(ref _spilled, spilled); // first: a reader that finds no bytes finds these
        Volatile.Write(ref _bytes, null);
        return true;
    }

    /// <summary>A record's bytes, extension and value, if they are in memory.</summary>
    public bool TryGet(in SegmentEntry entry, out ReadOnlyMemory<byte> bytes)
    {
        var held = Volatile.Read(ref _bytes);
        bytes = held is null ? default : held.AsMemory(entry.Position, entry.Length);
        return held is not null;
    }

    /// <summary>Appends the entries in [from, below) that may have this key, the newest first.</summary>
    public void CollectKey(uint hash, int from, int below, List<int> entries) => _keys!.Collect(hash, from, below, entries);

    /// <summary>Appends the entries in [from, below) that may have this header, the newest first; an entry may come twice.</summary>
    public void CollectHeader(uint hash, int from, int below, List<int> entries) => _headers!.Collect(hash, from, below, entries);

    /// <summary>The first entry whose offset is not below <paramref name="offset"/>; <see cref="Count"/> if there is none.</summary>
    public int LowerBound(long offset)
    {
        var (low, high) = (0, Count);
        var entries = Volatile.Read(ref _entries);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = entries[middle].Offset < offset ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private void Publish(in SegmentEntry entry, long timestamp)
    {
        if (_count == _entries.Length)
        {
            var grown = new SegmentEntry[_count * 2];
            _entries.CopyTo(grown, 0);
            Volatile.Write(ref _entries, grown);
        }

        _entries[_count] = entry;
        _used += entry.Length;
        LiveCount++;
        MaxTimestamp = Math.Max(MaxTimestamp, timestamp);
        if (_keys is not null && entry.KeyLength >= 0)
        {
            _keys.Add(entry.KeyHash, _count);
        }

        if (_headers is not null && KafkaRecordCodec.TryRead(_bytes.AsMemory(entry.Position, entry.ExtensionLength), default, out var record))
        {
            foreach (var header in record.Headers)
            {
                _headers.Add(RecordHash.OfHeader(header), _count);
            }
        }

        Volatile.Write(ref _count, _count + 1);
    }
}
