using System.Diagnostics;
using System.Text;
using Zilla.Edge;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeHttp.SseKafka;

/// <summary>
/// A span for an event whose record names a trace (header <c>traceparent</c>, W3C Trace Context): in that trace, with a link to the stream that it went out by. Of
/// records that were just written: who catches up on history adds nothing to traces that are over.
/// </summary>
internal static class EventTrace
{
    private static readonly TimeSpan JustWritten = TimeSpan.FromMinutes(1);

    private static ReadOnlySpan<byte> TraceParent => "traceparent"u8;

    /// <summary>Null: no trace is named, or nobody records.</summary>
    /// <param name="record">To be written.</param>
    /// <param name="stream">The span of the event stream's request.</param>
    /// <param name="route">Of that request.</param>
    /// <param name="now">To judge the record's age by.</param>
    public static Activity? Start(in KafkaRecord record, Activity? stream, string? route, DateTimeOffset now)
    {
        if (!EdgeTelemetry.Activities.HasListeners()
            || now.ToUnixTimeMilliseconds() - record.Timestamp > JustWritten.TotalMilliseconds
            || !record.TryGetHeader(TraceParent, out var header)
            || !ActivityContext.TryParse(Encoding.UTF8.GetString(header.Value.Span), null, isRemote: true, out var parent))
        {
            return null;
        }

        // Not the current one: the next event has nothing to do with it.
        var current = Activity.Current;
        var activity = EdgeTelemetry.Activities.StartActivity("deliver", ActivityKind.Producer, parent, links: stream is null ? null : [new ActivityLink(stream.Context)])
            ?.SetTag("messaging.operation.name", "deliver")
            .SetTag("http.route", route);
        Activity.Current = current;
        return activity;
    }
}
