using System.Buffers;
using Zilla.EdgeMqtt.Delivery;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeMqtt.Tests.Fuzz;

/// <summary>
/// Fuzz target: any bytes as a record of a messages topic, which anybody who may write to Kafka has written. What is a message is a packet that a client may not
/// refuse, whatever the headers say.
/// </summary>
internal static class RecordFuzz
{
    /// <returns>Whether it was a message.</returns>
    public static bool Fuzz(byte[] input)
    {
        if (!KafkaRecordCodec.TryRead(input, input, out var record) || !OutgoingMessage.TryRead(record, out var message))
        {
            return false;
        }

        var builder = new MqttPropertiesBuilder();
        message.AddProperties(builder, DateTimeOffset.UnixEpoch);
        var output = new ArrayBufferWriter<byte>();
        message.ToPacket(QualityOfService.AtMostOnce, retain: false, builder.Build()).Write(output, MqttVersion.V5);

        var bytes = new ReadOnlySequence<byte>(output.WrittenMemory);
        Assert.Equal(FrameStatus.Packet, FrameReader.TryRead(ref bytes, long.MaxValue, MqttVersion.V5, out var frame, out _));
        Assert.True(PublishPacket.TryRead(frame, MqttVersion.V5, MqttSender.Server, out var packet, out var error), error.Cause);
        Assert.Equal(message.Topic, packet.Topic);
        return true;
    }
}
