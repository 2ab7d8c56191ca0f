using System.Buffers;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Publishing;

/// <summary>How messages of clients become records, as an mqtt-kafka binding has it (reference §4.3).</summary>
internal interface IMessageMapping
{
    /// <summary>The topic of Kafka that takes messages of <paramref name="topic"/>; null: what its route makes of it is no name of a topic.</summary>
    string? MessagesOf(MqttString topic);

    /// <summary>The topic of Kafka that takes retained messages.</summary>
    string Retained { get; }

    /// <summary>Writes the record's key and headers as an encoded <c>KafkaDataEx</c>; the payload is its value.</summary>
    /// <param name="packet">With its topic.</param>
    /// <param name="clientId">Of who publishes, UTF-8.</param>
    /// <param name="tombstone">The value is null.</param>
    /// <param name="destination">Where to.</param>
    void Encode(in PublishPacket packet, ReadOnlyMemory<byte> clientId, bool tombstone, IBufferWriter<byte> destination);
}
