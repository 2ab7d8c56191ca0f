using System.Globalization;

namespace Zilla.Load.Reporting;

/// <summary>A row of the table: what is compared, and what is to be reached.</summary>
/// <param name="Name">As the runs call it.</param>
/// <param name="Title">As the table calls it.</param>
/// <param name="Metric">What is compared.</param>
/// <param name="Unit">Of the metric.</param>
/// <param name="Goal">The least ratio ours / peer; null = not asked for.</param>
/// <param name="TailGoal">The highest ratio of the p99 latencies; null = not asked for.</param>
/// <param name="Most">The highest value of ours, whatever the peer's; null = not asked for.</param>
/// <param name="MostRatio">The highest ratio ours / peer; null = not asked for.</param>
internal sealed record Figure(string Name, string Title, string Metric, string Unit, double? Goal = null, double? TailGoal = null, double? Most = null, double? MostRatio = null)
{
    public static readonly IReadOnlyList<Figure> All =
    [
        new("produce", "HTTP produce, 256 B, acks all, 64 connections", Measurement.Rate, "requests/s", 0.7, 2),
        new("fetch", "HTTP fetch by key, 64 connections", Measurement.Rate, "requests/s", 0.6),
        new("events-100", "SSE, 100 subscribers, all get 1,000 events", Measurement.Rate, "deliveries/s", 1, 2),
        new("events-500", "SSE, 500 subscribers, all get 1,000 events", Measurement.Rate, "deliveries/s", 1, 2),
        new("events-1000", "SSE, 1,000 subscribers, all get 1,000 events", Measurement.Rate, "deliveries/s", 1, 2),
        new("frames", "Frames of 256 B, one way, one lane", Measurement.Rate, "frames/s", 0.25),
        new("others-100", "SSE to 20 beside 100 that filter on other keys", Measurement.MicrosecondsPerEvent, "µs of edge CPU per delivery"),
        new("others-1000", "SSE to 20 beside 1,000 that filter on other keys", Measurement.MicrosecondsPerEvent, "µs of edge CPU per delivery"),
        new("others-5000", "SSE to 20 beside 5,000 that filter on other keys", Measurement.MicrosecondsPerEvent, "µs of edge CPU per delivery"),
        new("idle-1000", "Memory per idle subscriber, 1,000 of them", Measurement.Bytes, "B"),
        new("idle-5000", "Memory per idle subscriber, 5,000 of them", Measurement.Bytes, "B", Most: 20 * 1024),
        new("publish-0", "MQTT publish, QoS 0, 64 B, 64 clients, into Kafka", Measurement.Rate, "messages/s", 2),
        new("publish-1", "MQTT publish, QoS 1, 64 B, 64 clients, 16 under way each, into Kafka", Measurement.Rate, "messages/s", 3),
        new("puback", "MQTT publish, QoS 1, one under way each; beside HTTP PUT of 64 B to our own edge", Measurement.Rate, "messages/s", TailGoal: 1.2),
        new("mqtt-events", "MQTT, 1,000 subscribers, all get what one publishes, QoS 0", Measurement.Rate, "deliveries/s", 0.5),
        new("connect", "MQTT connections, clean", Measurement.Rate, "connections/s"),
        new("connect-session", "MQTT connections, each with a session that stays", Measurement.Rate, "connections/s", 0.5),
        new("mqtt-idle", "Memory per idle MQTT connection, 10,000 of them, each with a subscription", Measurement.Bytes, "B", Most: 24 * 1024),
        new("mqtt-idle-durable", "Memory per idle MQTT connection, 10,000 of them, each with a subscription of QoS 1 and a session that stays", Measurement.Bytes, "B", Most: 24 * 1024),
        new("mqtt-noise", "MQTT, malformed connections beside 1,000 clients that mean well", Measurement.Rate, "connections/s"),
        new("mqtt-sessions", "Memory per stored MQTT session, 100 of all connected", Measurement.Bytes, "B"),
        new("mqtt-soak", "Memory held under MQTT load, least of the last quarter of the time over that of the second", Measurement.Growth, "growth", Most: 0.05),
        new("grpc-put", "gRPC one-way unary produce, 256 B, acks all, 64 calls under way", Measurement.Rate, "calls/s", 0.7),
        new("grpc-ask", "gRPC request and reply through Kafka, 256 B, 8 calls under way", Measurement.P50, "µs, median", MostRatio: 1.3),
        new("grpc-follow", "gRPC server streams, 500 clients, all get what one publishes into a topic, 256 B", Measurement.Rate, "deliveries/s", 1),
        new("grpc-echo", "gRPC unary calls passed on to a service, 256 B, 64 under way; beside nginx", Measurement.Rate, "calls/s"),
    ];

    public static string Number(double value) => double.IsNaN(value) ? "" : value.ToString(Math.Abs(value) < 100 ? "0.##" : "#,0", CultureInfo.InvariantCulture);

    public static string Percent(double value) => double.IsNaN(value) ? "" : value.ToString("0%", CultureInfo.InvariantCulture);
}
