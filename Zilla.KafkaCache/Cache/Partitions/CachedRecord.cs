using Zilla.KafkaCache.Cache.Segments;
using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache.Cache.Partitions;

/// <summary>A record as a reader sees it: slices of a segment, or of what was read from disk.</summary>
/// <param name="bytes">Its encoded <c>KafkaDataEx</c>, followed by its value.</param>
/// <param name="entry">What the segment knows of it.</param>
internal readonly struct CachedRecord(ReadOnlyMemory<byte> bytes, SegmentEntry entry)
{
    public long Offset => entry.Offset;
    public bool HasKey => entry.KeyLength >= 0;
    public bool Tombstone => entry.Tombstone;
    public uint KeyHash => entry.KeyHash;
    public ReadOnlySpan<byte> Key => bytes.Span.Slice(entry.KeyStart, Math.Max(0, entry.KeyLength));

    public RecordHeaders Headers => KafkaRecordCodec.TryRead(Extension, default, out var record) ? record.Headers : default;

    /// <summary>The record's encoded <c>KafkaDataEx</c>.</summary>
    public ReadOnlyMemory<byte> Extension => bytes[..entry.ExtensionLength];

    public ReadOnlyMemory<byte> Value => bytes[entry.ExtensionLength..];
}
