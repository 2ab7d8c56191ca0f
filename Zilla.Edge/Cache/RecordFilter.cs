using Google.Protobuf;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

/// <summary>A record passes if all conditions hold: its key (null = any), headers that it must have, and those below. At most <see cref="KafkaFilterLimits"/>.</summary>
public sealed class RecordFilter(ReadOnlyMemory<byte>? key, IReadOnlyList<RecordHeader> headers)
{
    public ReadOnlyMemory<byte>? Key { get; } = key;
    public IReadOnlyList<RecordHeader> Headers { get; } = headers;

    /// <summary>Conditions on repeated headers in their order; each must match.</summary>
    public IReadOnlyList<HeaderSequence> Sequences { get; init; } = [];

    /// <summary>The key must be none of these; the null key is none.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> NotKeys { get; init; } = [];

    /// <summary>The record must have none of these.</summary>
    public IReadOnlyList<RecordHeader> NotHeaders { get; init; } = [];

    /// <summary>True of a filter without conditions.</summary>
    public bool PassesAll => Key is null && Headers.Count + Sequences.Count + NotKeys.Count + NotHeaders.Count == 0;

    /// <summary>Headers that any record has which passes; for indexes.</summary>
    internal IEnumerable<RecordHeader> Required => Headers.Where(h => h.HasValue).Concat(Sequences.SelectMany(s => s.Required));

    public bool Matches(in KafkaRecord record)
    {
        if (Key is { } wanted && !HasKey(record, wanted))
        {
            return false;
        }

        for (var i = 0; i < NotKeys.Count; i++)
        {
            if (HasKey(record, NotKeys[i]))
            {
                return false;
            }
        }

        return Headers.Count + Sequences.Count + NotHeaders.Count == 0 || Matches(record.Headers);
    }

    public KafkaFilter ToMessage()
    {
        var message = new KafkaFilter();
        if (Key is { } wanted)
        {
            message.Key = UnsafeByteOperations.UnsafeWrap(wanted);
        }

        foreach (var header in Headers)
        {
            message.Headers.Add(Header(header));
        }

        foreach (var sequence in Sequences)
        {
            message.Sequences.Add(sequence.ToMessage());
        }

        foreach (var unwanted in NotKeys)
        {
            message.NotKeys.Add(UnsafeByteOperations.UnsafeWrap(unwanted));
        }

        foreach (var header in NotHeaders)
        {
            message.NotHeaders.Add(Header(header));
        }

        return message;
    }

    private static bool HasKey(in KafkaRecord record, ReadOnlyMemory<byte> key) => record.HasKey && record.Key.Span.SequenceEqual(key.Span);

    private bool Matches(RecordHeaders headers)
    {
        for (var i = 0; i < Headers.Count; i++)
        {
            if (!headers.Contains(Headers[i]))
            {
                return false;
            }
        }

        for (var i = 0; i < Sequences.Count; i++)
        {
            if (!Sequences[i].Matches(headers))
            {
                return false;
            }
        }

        for (var i = 0; i < NotHeaders.Count; i++)
        {
            if (headers.Contains(NotHeaders[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static KafkaHeader Header(RecordHeader header)
    {
        var message = new KafkaHeader { Name = System.Text.Encoding.UTF8.GetString(header.Name.Span) };
        if (header.HasValue)
        {
            message.Value = UnsafeByteOperations.UnsafeWrap(header.Value);
        }

        return message;
    }
}
