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

    /// <summary>Of a live message, for those of the clients that it reaches now. Null: it reaches none, no trace is named, or nobody records.</summary>
    public static Activity? Start(in OutgoingMessage message, List<TopicClient> clients)
    {
        if (!TryGetParent(message, out var parent))
        {
            return null;
        }

        var reached = 0;
        foreach (var client in clients)
        {
            reached += client.IsReachedWith(message.QualityOfService) ? 1 : 0;
        }

        return reached > 0 ? Start(message, parent, "live", reached) : null;
    }

    /// <summary>Of one that is sent to one client by itself.</summary>
    public static Activity? Start(in Outgoing outgoing) =>
        TryGetParent(outgoing.Message, out var parent) ? Start(outgoing.Message, parent, outgoing.IsRetained ? "retained" : outgoing.Share is null ? "history" : "shared", 1) : null;

    private static bool TryGetParent(in OutgoingMessage message, out ActivityContext parent)
    {
        parent = default;
        return EdgeTelemetry.Activities.HasListeners() && message.Record.TryGetHeader(TraceParent, out var header)
            && ActivityContext.TryParse(Encoding.UTF8.GetString(header.Value.Span), null, isRemote: true, out parent);
    }

    private static Activity? Start(in OutgoingMessage message, ActivityContext parent, string way, int clients)
    {
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
