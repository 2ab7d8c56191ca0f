namespace Zilla.Streams.Kafka;

/// <summary>
/// One record as it travels in a DATA frame: the view of an encoded <c>KafkaDataEx</c> and of the payload beside it. All memory is slices of
/// what it was read from. Made by <see cref="KafkaRecordCodec.TryRead"/>.
/// </summary>
public readonly struct KafkaRecord
{
    private readonly int _headers;

    internal KafkaRecord(ReadOnlyMemory<byte> encoded, int headers, ReadOnlyMemory<byte> value)
    {
        Encoded = encoded;
        _headers = headers;
        Value = value;
    }

    /// <summary>The encoded <c>KafkaDataEx</c> it was read from, to be sent on as it is.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>-1 when producing and the key chooses.</summary>
    public int Partition { get; internal init; }

    /// <summary>-1 when producing.</summary>
    public long Offset { get; internal init; }

    /// <summary>Milliseconds since the Unix epoch; when producing 0 = now.</summary>
    public long Timestamp { get; internal init; }

    public ReadOnlyMemory<byte> Key { get; internal init; }

    /// <summary>False: the key is null.</summary>
    public bool HasKey { get; internal init; }

    /// <summary>The value is null.</summary>
    public bool IsTombstone { get; internal init; }

    /// <summary>When producing: what chooses the partition instead of the key.</summary>
    public ReadOnlyMemory<byte> PartitionKey { get; internal init; }

    /// <summary>False: there is none.</summary>
    public bool HasPartitionKey { get; internal init; }

    /// <summary>The payload; of a record in several frames it is what has been put together so far.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    public RecordHeaders Headers => new(_headers < 0 ? default : Encoded[_headers..]);

    /// <summary>The same in memory of its own: what stays for long must not keep the batch that it came in.</summary>
    public KafkaRecord Copy() => KafkaRecordCodec.TryRead(Encoded.ToArray(), Value.ToArray(), out var copy) ? copy : throw new InvalidOperationException("What was read once can be read again");

    /// <summary>The value of the first header of that name.</summary>
    public bool TryGetHeader(ReadOnlySpan<byte> name, out RecordHeader header)
    {
        foreach (var candidate in Headers)
        {
            if (candidate.Name.Span.SequenceEqual(name))
            {
                header = candidate;
                return true;
            }
        }

        header = default;
        return false;
    }
}
