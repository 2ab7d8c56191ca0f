using System.Buffers;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.Benchmarks;

/// <summary>A PUBLISH of MQTT 5 with QoS 0, four properties and 64 bytes of payload.</summary>
internal static class MqttOperations
{
    public static IEnumerable<Operation> All()
    {
        var packet = new PublishPacket
        {
            Topic = "sensors/17/state",
            Properties = new MqttPropertiesBuilder()
                .Add(PropertyId.MessageExpiryInterval, 3600)
                .Add(PropertyId.ContentType, "application/json")
                .AddUserProperty("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
                .AddUserProperty("origin", "edge")
                .Build(),
            Payload = new(new byte[64]),
        };
        var output = new ArrayBufferWriter<byte>(4096);
        packet.Write(output, MqttVersion.V5);
        var encoded = new ReadOnlySequence<byte>(output.WrittenSpan.ToArray());
        yield return new("mqtt: read a publish", () => Read(encoded));
        yield return new("mqtt: write a publish", () =>
        {
            output.ResetWrittenCount();
            packet.Write(output, MqttVersion.V5);
            return output.WrittenCount;
        });
    }

    private static long Read(ReadOnlySequence<byte> buffer)
    {
        if (FrameReader.TryRead(ref buffer, 65_536, MqttVersion.V5, out var frame, out _) != FrameStatus.Packet
            || !PublishPacket.TryRead(frame, MqttVersion.V5, MqttSender.Client, out var packet, out _))
        {
            throw new InvalidDataException();
        }

        var bytes = packet.Payload.Length + (packet.Properties.MessageExpiryInterval ?? 0);
        foreach (var (name, _) in packet.Properties.UserProperties)
        {
            bytes += name.Length;
        }

        return bytes;
    }
}
