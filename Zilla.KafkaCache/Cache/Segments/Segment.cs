using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache.Cache.Segments;

/// <summary>
/// An append-only run of records of one partition in one array, with its indexes. One writer appends; any number of readers follow without a
/// lock: whatever lies below <see cref="Count"/> is complete and never changes, but for <see cref="SegmentEntry.SupersededBy"/>. Arrays are not
/// pooled: a reader that still holds a slice of a dropped segment keeps it alive, and nobody else writes into it.
/// </summary>
internal sealed class Segment(long baseOffset, int capacity, long createdAt)
{
    private const int EntrySize = 48;

    // What an encoded head may have behind the key.
    private const int TombstoneSize = 2;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(capacity);
    private readonly HashIndex _keys = new();
    private readonly HashIndex _headers = new();
    private SegmentEntry[] _entries = new SegmentEntry[16];
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

    public int Capacity => _bytes.Length;

    /// <summary>Memory held, in bytes, indexes included.</summary>
    public long Size => _bytes.Length + ((long)EntrySize * Volatile.Read(ref _entries).Length) + _keys.Size + _headers.Size;

    public ref SegmentEntry this[int index] => ref Volatile.Read(ref _entries)[index];

    public bool HasRoomFor(int length) => _bytes.Length - _used >= length;

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
            KeyStart = head.HasKey ? KafkaRecordCodec.HeadSize(head) - (head.IsTombstone ? TombstoneSize : 0) - head.Key.Length : 0,
            KeyLength = head.HasKey ? head.Key.Length : -1,
            KeyHash = head.HasKey ? RecordHash.OfKey(head.Key) : 0,
            Tombstone = head.IsTombstone,
        }, head.Timestamp);
    }

    /// <summary>Appends a record of another segment as it is; for compaction.</summary>
    public void AppendFrom(Segment source, in SegmentEntry entry)
    {
        source._bytes.AsSpan(entry.Position, entry.Length).CopyTo(_bytes.AsSpan(_used));
        Publish(entry with { Position = _used }, source.MaxTimestamp);
    }

    public void MarkSuperseded(int index, long by)
    {
        ref var entry = ref this[index];
        if (entry.SupersededBy == 0)
        {
            DeadBytes += entry.Length;
        }

        Volatile.Write(ref entry.SupersededBy, by);
    }

    public ReadOnlySpan<byte> KeyOf(scoped in SegmentEntry entry) => _bytes.AsSpan(entry.Position + entry.KeyStart, Math.Max(0, entry.KeyLength));

    public ReadOnlyMemory<byte> ExtensionOf(in SegmentEntry entry) => _bytes.AsMemory(entry.Position, entry.ExtensionLength);

    public ReadOnlyMemory<byte> ValueOf(in SegmentEntry entry) => _bytes.AsMemory(entry.Position + entry.ExtensionLength, entry.ValueLength);

    public RecordHeaders HeadersOf(in SegmentEntry entry) => KafkaRecordCodec.TryRead(ExtensionOf(entry), default, out var record) ? record.Headers : default;

    /// <summary>Appends the entries in [from, below) that may have this key, the newest first.</summary>
    public void CollectKey(uint hash, int from, int below, List<int> entries) => _keys.Collect(hash, from, below, entries);

    /// <summary>Appends the entries in [from, below) that may have this header, the newest first; an entry may come twice.</summary>
    public void CollectHeader(uint hash, int from, int below, List<int> entries) => _headers.Collect(hash, from, below, entries);

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
        MaxTimestamp = Math.Max(MaxTimestamp, timestamp);
        if (entry.KeyLength >= 0)
        {
            _keys.Add(entry.KeyHash, _count);
        }

        foreach (var header in HeadersOf(entry))
        {
            _headers.Add(RecordHash.OfHeader(header), _count);
        }

        Volatile.Write(ref _count, _count + 1);
    }
}
