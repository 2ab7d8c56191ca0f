namespace Zilla.KafkaCache.Cache.Segments;

/// <summary>A record on its way into a segment. The spans are borrowed: whoever keeps the record copies them.</summary>
internal readonly ref struct RecordData
{
    public required long Offset { get; init; }

    /// <summary>Milliseconds since the Unix epoch.</summary>
    public required long Timestamp { get; init; }

    public ReadOnlySpan<byte> Key { get; init; }
    public bool HasKey { get; init; }
    public ReadOnlySpan<byte> Value { get; init; }

    /// <summary>The value is null.</summary>
    public bool Tombstone { get; init; }

    public IReadOnlyList<RecordHeader> Headers { get; init; }
}
