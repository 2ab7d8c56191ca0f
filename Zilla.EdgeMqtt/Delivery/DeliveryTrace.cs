using System.Diagnostics;
using System.Text;
using Zilla.Edge;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// A span for a message whose record names a trace (header <c>traceparent</c>, W3C Trace Context) and that goes to clients of this edge: one for a live message, however many
/// they are; one for each client that is sent it from history, as a retained one, or for a shared subscription.
/// </summary>
internal static class DeliveryTrace
{
    private static ReadOnlySpan<byte> TraceParent => "traceparent"u8;

    /// <summary>Of a live message. Null: no trace is named, or nobody records.</summary>
    public static Activity? Start(in OutgoingMessage message, int clients) => Start(message, "live", clients);

    /// <summary>Of one that is sent to one client by itself.</summary>
    public static Activity? Start(in Outgoing outgoing) =>
        Start(outgoing.Message, outgoing.IsRetained ? "retained" : outgoing.Share is null ? "history" : "shared", 1);

    private static Activity? Start(in OutgoingMessage message, string way, int clients)
    {
        if (!EdgeTelemetry.Activities.HasListeners() || !message.Record.TryGetHeader(TraceParent, out var header)
            || !ActivityContext.TryParse(Encoding.UTF8.GetString(header.Value.Span), null, isRemote: true, out var parent))
        {
            return null;
        }

        // Not the current one of the feed: the next record has nothing to do with it.
        var current = Activity.Current;
        var activity = EdgeTelemetry.Activities.StartActivity("deliver", ActivityKind.Producer, parent)
            ?.SetTag("messaging.system", "mqtt")
            .SetTag("messaging.operation.name", "deliver")
            .SetTag("messaging.destination.name", message.Topic.ToString())
            .SetTag("mqtt.delivery", way)
            .SetTag("mqtt.clients", clients);
        Activity.Current = current;
        return activity;
    }
}
