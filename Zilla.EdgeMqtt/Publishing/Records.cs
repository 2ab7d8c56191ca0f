using System.Buffers;
using Zilla.EdgeMqtt.Connections;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Publishing;

/// <summary>Makes records of messages.</summary>
internal static class Records
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? Scratch;

    /// <summary>The encoded key and headers of a message; valid until the next on the same thread.</summary>
    public static ReadOnlyMemory<byte> Encode(in PublishPacket packet, Client client, bool tombstone)
    {
        var scratch = Scratch ??= new(512);
        scratch.ResetWrittenCount();
        client.Kafka.Mapping.Encode(packet, client.IdBytes, tombstone, scratch);
        return scratch.WrittenMemory;
    }

    /// <summary>The record of a message of QoS 2 or a will, without its value; the mapping has a topic for it.</summary>
    public static MqttRecord Of(in PublishPacket packet, Client client) => new()
    {
        Topic = client.Kafka.Mapping.MessagesOf(packet.Topic),
        RetainedTopic = packet.Retain ? client.Kafka.Mapping.Retained.Topic : "",
        Record = KafkaDataEx.Parser.ParseFrom(Encode(packet, client, tombstone: false).Span),
    };
}
