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
    private readonly HeaderNames _names = new();

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
            Key = record.HasKey ? record.Key.ToArray() : null,
            Value = value,
            Timestamp = record.Timestamp > 0 ? new Timestamp(record.Timestamp, TimestampType.CreateTime) : Timestamp.Default,
            Headers = options.TraceHeaders ? RecordTrace.Add(HeadersOf(record), record, opening) : HeadersOf(record),
        };
    }

    private Headers? HeadersOf(in KafkaRecord record)
    {
        Headers? headers = null;
        foreach (var header in record.Headers)
        {
            headers ??= [];
            headers.Add(_names.TextOf(header.Name.Span), header.HasValue ? header.Value.ToArray() : null);
        }

        return headers;
    }

    /// <summary>The same few names come with every record of a stream.</summary>
    private sealed class HeaderNames
    {
        private const int Most = 16;

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
            if (_known.Count < Most)
            {
                _known.Add((name.ToArray(), made));
            }

            return made;
        }
    }
}
