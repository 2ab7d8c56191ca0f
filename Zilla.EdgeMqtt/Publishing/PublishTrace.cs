using System.Diagnostics;
using Zilla.Edge;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Publishing;

/// <summary>A span for a message whose publisher names a trace, by the user property <c>traceparent</c> (W3C Trace Context), which goes on as a header of the record.</summary>
internal static class PublishTrace
{
    private static ReadOnlySpan<byte> TraceParent => "traceparent"u8;

    /// <summary>Null: no trace is named, or nobody records.</summary>
    public static Activity? Start(in PublishPacket packet)
    {
        if (packet.Properties.IsEmpty || !EdgeTelemetry.Activities.HasListeners())
        {
            return null;
        }

        foreach (var (name, value) in packet.Properties.UserProperties)
        {
            if (name.Span.SequenceEqual(TraceParent) && ActivityContext.TryParse(value.ToString(), null, isRemote: true, out var parent))
            {
                return Start(packet, parent);
            }
        }

        return null;
    }

    private static Activity? Start(in PublishPacket packet, ActivityContext parent)
    {
        // Not the current one of the read loop: the next message has nothing to do with it.
        var current = Activity.Current;
        var activity = EdgeTelemetry.Activities.StartActivity("publish", ActivityKind.Server, parent)
            ?.SetTag("messaging.system", "mqtt")
            .SetTag("messaging.operation.name", "publish")
            .SetTag("messaging.destination.name", packet.Topic.ToString())
            .SetTag("mqtt.qos", (int)packet.QualityOfService);
        Activity.Current = current;
        return activity;
    }
}
