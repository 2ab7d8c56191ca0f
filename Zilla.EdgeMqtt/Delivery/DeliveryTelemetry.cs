using System.Diagnostics.Metrics;
using Zilla.Edge;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>What clients are sent, on the meter that all edges share.</summary>
internal static class DeliveryTelemetry
{
    private static readonly KeyValuePair<string, object?>[] QoS = [new("qos", 0), new("qos", 1), new("qos", 2)];

    private static readonly Counter<long> PublishedCounter =
        EdgeTelemetry.Meter.CreateCounter<long>("zilla.mqtt.publishes.out", "{message}", "Messages sent to MQTT clients, by QoS.");

    private static readonly Counter<long> DroppedCounter =
        EdgeTelemetry.Meter.CreateCounter<long>("zilla.mqtt.dropped", "{message}", "Messages not sent to a client that subscribes to them, by reason.");

    private static readonly Counter<long> SkippedCounter =
        EdgeTelemetry.Meter.CreateCounter<long>("zilla.mqtt.records.skipped", "{record}", "Records of messages topics that are no MQTT messages: no key, or one that is no topic name.");

    public static Counter<long> RetainedSent { get; } =
        EdgeTelemetry.Meter.CreateCounter<long>("zilla.mqtt.retained.sent", "{message}", "Retained messages sent to new subscribers.");

    public static UpDownCounter<long> InFlight { get; } =
        EdgeTelemetry.Meter.CreateUpDownCounter<long>("zilla.mqtt.in_flight", "{message}", "Messages sent to clients and not acknowledged.");

    public static UpDownCounter<long> CatchingUp { get; } =
        EdgeTelemetry.Meter.CreateUpDownCounter<long>("zilla.mqtt.catching_up", "{session}", "Clients that are being sent messages from history.");

    public static void Published(QualityOfService qos, int count) => PublishedCounter.Add(count, QoS[(int)qos]);

    public static void Dropped(DropReason reason, int count = 1) => DroppedCounter.Add(count, new KeyValuePair<string, object?>("reason", reason switch
    {
        DropReason.OutputFull => "output_full",
        DropReason.TooLarge => "too_large",
        _ => "expired",
    }));

    public static void Skipped() => SkippedCounter.Add(1);
}

internal enum DropReason
{
    /// <summary>QoS 0: the client takes messages more slowly than they come.</summary>
    OutputFull,

    /// <summary>Larger than the maximum packet size of the client [MQTT-3.1.2-25].</summary>
    TooLarge,

    /// <summary>Its message expiry interval is over [MQTT-3.3.2-5].</summary>
    Expired,
}
