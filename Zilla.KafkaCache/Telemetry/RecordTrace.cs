using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Zilla.KafkaCache.Cache.Partitions;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Telemetry;

/// <summary>
/// The W3C trace context as record headers, <c>traceparent</c> and <c>tracestate</c>, after all others: who consumes a record can join the trace of the
/// request that wrote it, and a read links to it.
/// </summary>
internal static class RecordTrace
{
    /// <summary>Of one read; a stream of records without end must not gather links without end.</summary>
    public const int MaxLinks = 8;

    private const string Parent = "traceparent";
    private const string State = "tracestate";

    /// <summary>
    /// Adds the headers if the edge has said which trace it is, unless the record names one itself or is a whole request (<c>:method</c>): what such a
    /// record carries is the client's, of which its correlation id was made.
    /// </summary>
    public static Headers? Add(Headers? headers, in KafkaRecord record, Begin begin)
    {
        if (begin.Traceparent.Length == 0 || record.TryGetHeader("traceparent"u8, out _) || record.TryGetHeader(":method"u8, out _))
        {
            return headers;
        }

        headers ??= [];
        headers.Add(Parent, Encoding.UTF8.GetBytes(Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } ? id : begin.Traceparent));
        if (begin.Tracestate.Length > 0)
        {
            headers.Add(State, Encoding.UTF8.GetBytes(begin.Tracestate));
        }

        return headers;
    }

    /// <summary>True: the record names a trace, and <paramref name="reading"/> has a link to it.</summary>
    public static bool Link(Activity reading, in CachedRecord record)
    {
        foreach (var header in record.Headers)
        {
            if (header.Name.Span.SequenceEqual("traceparent"u8))
            {
                if (!ActivityContext.TryParse(Encoding.UTF8.GetString(header.Value.Span), null, isRemote: true, out var written))
                {
                    return false;
                }

                reading.AddLink(new ActivityLink(written));
                return true;
            }
        }

        return false;
    }
}
