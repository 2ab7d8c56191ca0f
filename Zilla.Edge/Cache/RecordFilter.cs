using Google.Protobuf;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

/// <summary>A record passes if the key (null = any) and every header match.</summary>
public sealed class RecordFilter(ReadOnlyMemory<byte>? key, IReadOnlyList<RecordHeader> headers)
{
    public ReadOnlyMemory<byte>? Key { get; } = key;
    public IReadOnlyList<RecordHeader> Headers { get; } = headers;

    /// <summary>True of a filter without conditions.</summary>
    public bool PassesAll => Key is null && Headers.Count == 0;

    public bool Matches(in KafkaRecord record)
    {
        if (Key is { } wanted && !(record.HasKey && record.Key.Span.SequenceEqual(wanted.Span)))
        {
            return false;
        }

        foreach (var header in Headers)
        {
            if (!Contains(record, header))
            {
                return false;
            }
        }

        return true;
    }

    internal KafkaFilter ToMessage()
    {
        var message = new KafkaFilter();
        if (Key is { } wanted)
        {
            message.Key = UnsafeByteOperations.UnsafeWrap(wanted);
        }

        foreach (var header in Headers)
        {
            message.Headers.Add(new KafkaHeader
            {
                Name = System.Text.Encoding.UTF8.GetString(header.Name.Span),
                Value = UnsafeByteOperations.UnsafeWrap(header.Value),
            });
        }

        return message;
    }

    private static bool Contains(in KafkaRecord record, RecordHeader wanted)
    {
        foreach (var header in record.Headers)
        {
            if (header.HasValue && header.Name.Span.SequenceEqual(wanted.Name.Span) && header.Value.Span.SequenceEqual(wanted.Value.Span))
            {
                return true;
            }
        }

        return false;
    }
}
