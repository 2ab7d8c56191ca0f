using System.Text;
using Confluent.Kafka;
using Zilla.KafkaCache.Conversion;
using Zilla.KafkaCache.Telemetry;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Produce;

/// <summary>Makes of the records of one stream what the client library takes.</summary>
internal sealed class KafkaMessages(string topic, Begin opening, IRecordConversion conversion, CacheOptions options)
{
    /// <summary>Headers, and names of headers.</summary>
    private const int MostRemembered = 16;

    private readonly HeaderNames _names = new();
    private readonly List<Header> _lastHeaders = [];
    private byte[]? _lastKey;

    /// <exception cref="StreamBrokenException"><see cref="Cause.InvalidRecord"/>: the value does not fit the topic.</exception>
    public Message<byte[]?, byte[]?> ToMessage(in KafkaRecord record)
    {
        var value = record.IsTombstone ? null : record.Value.ToArray();
        if (value is not null && !conversion.TryProduce(topic, ref value, out var reason))
        {
            throw new StreamBrokenException(Cause.InvalidRecord, reason);
        }

        return new()
        {
            Key = record.HasKey ? KeyOf(record.Key.Span) : null,
            Value = value,
            Timestamp = record.Timestamp > 0 ? new Timestamp(record.Timestamp, TimestampType.CreateTime) : Timestamp.Default,
            Headers = options.TraceHeaders ? RecordTrace.Add(HeadersOf(record), record, opening) : HeadersOf(record),
        };
    }

    /// <summary>A record often has the key of the one before, as those of one call have.</summary>
    private byte[] KeyOf(ReadOnlySpan<byte> key) => _lastKey is { } last && key.SequenceEqual(last) ? last : _lastKey = key.ToArray();

    private Headers? HeadersOf(in KafkaRecord record)
    {
        Headers? headers = null;
        var index = 0;
        foreach (var header in record.Headers)
        {
            headers ??= [];
            headers.Add(HeaderOf(header, index++));
        }

        return headers;
    }

    /// <summary>And its headers, or most of them; they do not change once they are made.</summary>
    private Header HeaderOf(in RecordHeader header, int index)
    {
        var name = _names.TextOf(header.Name.Span);
        if (index < _lastHeaders.Count && _lastHeaders[index] is var last && last.Key == name && IsValue(header, last.GetValueBytes()))
        {
            return last;
        }

        var made = new Header(name, header.HasValue ? header.Value.ToArray() : null);
        if (index < _lastHeaders.Count)
        {
            _lastHeaders[index] = made;
        }
        else if (index < MostRemembered)
        {
            _lastHeaders.Add(made);
        }

        return made;
    }

    private static bool IsValue(in RecordHeader header, byte[]? value) => header.HasValue ? value is not null && header.Value.Span.SequenceEqual(value) : value is null;

    /// <summary>The same few names come with every record of a stream.</summary>
    private sealed class HeaderNames
    {
        private readonly List<(byte[] Bytes, string Text)> _known = [];

        public string TextOf(ReadOnlySpan<byte> name)
        {
            foreach (var (bytes, text) in _known)
            {
                if (name.SequenceEqual(bytes))
                {
                    return text;
                }
            }

            var made = Encoding.UTF8.GetString(name);
            if (_known.Count < MostRemembered)
            {
                _known.Add((name.ToArray(), made));
            }

            return made;
        }
    }
}
