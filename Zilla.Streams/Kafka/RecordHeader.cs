namespace Zilla.Streams.Kafka;

/// <summary>One header of a record: slices of the record's encoded form. A null value is told from an empty one.</summary>
public readonly struct RecordHeader(ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> value, bool hasValue = true)
{
    /// <summary>UTF-8.</summary>
    public ReadOnlyMemory<byte> Name { get; } = name;

    public ReadOnlyMemory<byte> Value { get; } = value;

    public bool HasValue { get; } = hasValue;
}
