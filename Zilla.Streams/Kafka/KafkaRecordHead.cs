namespace Zilla.Streams.Kafka;

/// <summary>What a record says of itself beside headers and value: the input of <see cref="KafkaRecordCodec"/>'s writing side.</summary>
public readonly ref struct KafkaRecordHead
{
    /// <summary>-1 when producing and the key chooses.</summary>
    public int Partition { get; init; }

    /// <summary>-1 when producing.</summary>
    public long Offset { get; init; }

    /// <summary>Milliseconds since the Unix epoch; when producing 0 = now.</summary>
    public long Timestamp { get; init; }

    public ReadOnlySpan<byte> Key { get; init; }

    /// <summary>False: the key is null.</summary>
    public bool HasKey { get; init; }

    /// <summary>The value is null.</summary>
    public bool IsTombstone { get; init; }

    /// <summary>When producing: what chooses the partition instead of the key.</summary>
    public ReadOnlySpan<byte> PartitionKey { get; init; }

    /// <summary>False: there is none.</summary>
    public bool HasPartitionKey { get; init; }
}
