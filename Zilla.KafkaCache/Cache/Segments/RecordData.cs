using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache.Cache.Segments;

/// <summary>A record on its way into a segment. The spans are borrowed: whoever keeps the record copies them.</summary>
internal readonly ref struct RecordData
{
    public required KafkaRecordHead Head { get; init; }
    public ReadOnlySpan<byte> Value { get; init; }
    public ReadOnlySpan<RecordHeader> Headers { get; init; }

    /// <summary>Bytes that the record's encoded <c>KafkaDataEx</c> takes.</summary>
    public int ExtensionLength => KafkaRecordCodec.Size(Head, Headers);
}
