using Zilla.KafkaCache.Cache.Segments;
using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache.Cache.Partitions;

/// <summary>A record as a reader sees it: slices of a segment.</summary>
internal readonly struct CachedRecord(Segment segment, SegmentEntry entry)
{
    public long Offset => entry.Offset;
    public bool HasKey => entry.KeyLength >= 0;
    public bool Tombstone => entry.Tombstone;
    public uint KeyHash => entry.KeyHash;
    public ReadOnlySpan<byte> Key => segment.KeyOf(entry);

    public RecordHeaders Headers => segment.HeadersOf(entry);

    /// <summary>The record's encoded <c>KafkaDataEx</c>.</summary>
    public ReadOnlyMemory<byte> Extension => segment.ExtensionOf(entry);

    public ReadOnlyMemory<byte> Value => segment.ValueOf(entry);
}
