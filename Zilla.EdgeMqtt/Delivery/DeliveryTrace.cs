using System.Diagnostics;
using System.Text;
using Zilla.Edge;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>A span for a live message whose record names a trace (header <c>traceparent</c>, W3C Trace Context) and that goes to clients of this edge: one, however many they are.</summary>
internal static class DeliveryTrace
{
    private static ReadOnlySpan<byte> TraceParent => "traceparent"u8;

    /// <summary>Null: no trace is named, or nobody records.</summary>
    public static Activity? Start(in OutgoingMessage message, int clients)
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
            .SetTag("mqtt.clients", clients);
        Activity.Current = current;
        return activity;
    }
}
