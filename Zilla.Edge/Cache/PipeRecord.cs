using System.Buffers;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

/// <summary>A record for a pipe.</summary>
/// <param name="Extension">Key and headers: an encoded <c>KafkaDataEx</c> with offset -1, and partition -1 unless it is to go to that one; see <see cref="KafkaRecordCodec"/>.</param>
/// <param name="Value">The value; empty for a tombstone.</param>
public readonly record struct PipeRecord(ReadOnlyMemory<byte> Extension, ReadOnlySequence<byte> Value)
{
    internal long Length => Extension.Length + Value.Length;

    internal void ThrowIfTooLarge()
    {
        if (Extension.Length > KafkaStreamExtensions.MaxExtension || Length > Array.MaxLength)
        {
            throw new StreamBrokenException(Cause.InvalidRecord, $"The record's key and headers take {Extension.Length} bytes, its value {Value.Length}: more than can be sent.");
        }
    }
}
