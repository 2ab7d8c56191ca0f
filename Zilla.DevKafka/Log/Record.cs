namespace Zilla.DevKafka.Log;

/// <summary>One record inside a batch, as slices of it. A null value is a tombstone.</summary>
internal readonly record struct Record(
    int OffsetDelta,
    long TimestampDelta,
    ReadOnlyMemory<byte>? Key,
    ReadOnlyMemory<byte>? Value,
    ReadOnlyMemory<byte> Headers);
