using System.Diagnostics;
using System.Diagnostics.Metrics;
using Zilla.Config.Bindings;
using Zilla.Edge;
using Zilla.Edge.Telemetry;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Server;

/// <summary>
/// What the connections of an mqtt server binding do, by namespace and binding, on the meter that all edges share (Zilla has no metrics of MQTT). What clients are
/// sent is counted where it is delivered.
/// </summary>
internal sealed class MqttMetrics
{
    private static readonly UpDownCounter<long> Connections = EdgeTelemetry.Meter.CreateUpDownCounter<long>("zilla.mqtt.connections", "{connection}", "Connected clients, by version.");
    private static readonly Counter<long> Accepted = EdgeTelemetry.Meter.CreateCounter<long>("zilla.mqtt.connects", "{connection}", "Clients that were let in, by version.");
    private static readonly Counter<long> Refused = EdgeTelemetry.Meter.CreateCounter<long>("zilla.mqtt.refused", "{refusal}", "What was answered with a reason code of failure, by packet and reason.");
    private static readonly Counter<long> Publishes = EdgeTelemetry.Meter.CreateCounter<long>("zilla.mqtt.publishes.in", "{message}", "PUBLISH packets of clients, by QoS.");
    private static readonly UpDownCounter<long> InFlight = EdgeTelemetry.Meter.CreateUpDownCounter<long>("zilla.mqtt.unacknowledged", "{message}", "Messages of QoS 1 and 2 of clients that are not acknowledged yet.");
    private static readonly Counter<long> Received = EdgeTelemetry.Meter.CreateCounter<long>("zilla.mqtt.bytes.in", "By", "Bytes of packets of clients.");
    private static readonly Counter<long> SentBytes = EdgeTelemetry.Meter.CreateCounter<long>("zilla.mqtt.bytes.out", "By", "Bytes of packets to clients.");
    private static readonly Counter<long> Drops = EdgeTelemetry.Meter.CreateCounter<long>("zilla.mqtt.publishes.dropped", "{message}", "PUBLISH packets of QoS 0 that Kafka did not take in time.");

    private static readonly Histogram<double> ConnectDuration = EdgeTelemetry.Meter.CreateDurations("zilla.mqtt.connect.duration", "From CONNECT to CONNACK.", buckets: 15);

    private readonly TagList _tags;
    private readonly TagList[] _versions;
    private readonly TagList[] _qos;

    public MqttMetrics(string @namespace, MqttServerBinding binding)
    {
        _tags = new BindingAttributes(@namespace, binding.Name, binding.Telemetry).Fixed;
        Streams = StreamMetrics.Of(@namespace, binding);
        _versions = [.. new[] { "3.1.1", "5.0" }.Select(version => With("version", version))];
        _qos = [.. new[] { "0", "1", "2" }.Select(qos => With("qos", qos))];
    }

    /// <summary>Its connections as streams; null = they are not counted.</summary>
    public StreamMetrics? Streams { get; }

    public void Connected(MqttVersion version, TimeSpan duration)
    {
        Connections.Add(1, Of(version));
        Accepted.Add(1, Of(version));
        ConnectDuration.Record(duration.TotalMilliseconds, Of(version));
    }

    public void Disconnected(MqttVersion version) => Connections.Add(-1, Of(version));

    public void BytesReceived(long count) => Received.Add(count, _tags);

    public void BytesSent(long count) => SentBytes.Add(count, _tags);

    public void PublishReceived(QualityOfService qos) => Publishes.Add(1, _qos[(int)qos]);

    public void UnderWay(int change) => InFlight.Add(change, _tags);

    public void Dropped() => Drops.Add(1, _tags);

    public void RefusedWith(PacketType packet, ReasonCode reason)
    {
        if (!Refused.Enabled)
        {
            return;
        }

        var tags = _tags;
        tags.Add("packet", packet.ToString().ToUpperInvariant());
        tags.Add("reason", $"0x{(byte)reason:X2}");
        Refused.Add(1, tags);
    }

    private ref readonly TagList Of(MqttVersion version) => ref _versions[version == MqttVersion.V5 ? 1 : 0];

    private TagList With(string name, string value)
    {
        var tags = _tags;
        tags.Add(name, value);
        return tags;
    }
}
