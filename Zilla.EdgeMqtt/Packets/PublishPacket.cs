using System.Buffers;

namespace Zilla.EdgeMqtt.Packets;

/// <summary>PUBLISH (§3.3): a message. A decoded one lies in the receive buffer and lives as long.</summary>
/// <remarks>
/// <code>
/// fixed header flags: 8 DUP │ 6 QoS │ 1 retain
/// │ topic │ packet identifier:2 (QoS 1 and 2) │ properties (MQTT 5) │ payload: the rest │
/// </code>
/// </remarks>
internal readonly record struct PublishPacket
{
    private const int DuplicateFlag = 8, QoSShift = 1, RetainFlag = 1;

    /// <summary>Empty in MQTT 5: that of the topic alias.</summary>
    public MqttString Topic { get; init; }

    /// <summary>0 with QoS 0.</summary>
    public ushort PacketId { get; init; }

    public QualityOfService QualityOfService { get; init; }

    /// <summary>DUP: it may have been sent before.</summary>
    public bool IsDuplicate { get; init; }

    public bool Retain { get; init; }

    public MqttProperties Properties { get; init; }

    public ReadOnlySequence<byte> Payload { get; init; }

    /// <summary>A client must not send subscription identifiers [MQTT-3.3.4-6].</summary>
    public static bool TryRead(in MqttFrame frame, MqttVersion version, MqttSender sender, out PublishPacket packet, out MqttError error)
    {
        var reader = new PacketReader(frame.Body);
        var qos = frame.Flags >> QoSShift & 3;
        var isDuplicate = (frame.Flags & DuplicateFlag) != 0;
        if (qos == 3)
        {
            reader.Fail(MqttError.Malformed("QoS 3 (MQTT-3.3.1-4)"));
        }

        reader.Require(qos != 0 || !isDuplicate, "DUP with QoS 0 (MQTT-3.3.1-2)");
        var topic = reader.ReadString();
        var packetId = qos == 0 ? (ushort)0 : reader.ReadPacketId();
        var properties = reader.ReadProperties(PropertyPlace.Publish, version);
        if (topic.IsEmpty && version == MqttVersion.V5)
        {
            reader.Require(properties.TopicAlias is not null, "neither a topic nor a topic alias (3.3.2.1)");
        }
        else
        {
            reader.Require(TopicName.IsWellFormed(topic.Span), "the topic is empty or has wildcards (MQTT-3.3.2-2, 4.7.3-1)");
        }

        reader.Require(sender == MqttSender.Server || properties.SubscriptionIdentifier is null, "a subscription identifier from a client (MQTT-3.3.4-6)");
        packet = new()
        {
            Topic = topic,
            PacketId = packetId,
            QualityOfService = (QualityOfService)qos,
            IsDuplicate = isDuplicate,
            Retain = (frame.Flags & RetainFlag) != 0,
            Properties = properties,
            Payload = reader.ReadRest(),
        };
        return reader.TryFinish(out error);
    }

    /// <summary>Bytes of the whole packet: one beyond the client's maximum must not be sent, and counts as delivered [MQTT-3.1.2-25].</summary>
    public long Size(MqttVersion version) => PacketWriter.HeaderSize(Remaining(version)) + Remaining(version);

    public void Write(IBufferWriter<byte> destination, MqttVersion version)
    {
        var remaining = Remaining(version);
        var writer = new PacketWriter(destination.GetSpan((int)(PacketWriter.HeaderSize(remaining) + remaining - Payload.Length)));
        writer.WriteHeader(PacketType.Publish, (IsDuplicate ? DuplicateFlag : 0) | ((int)QualityOfService << QoSShift) | (Retain ? RetainFlag : 0), remaining);
        writer.WriteBinary(Topic.Span);
        if (QualityOfService != QualityOfService.AtMostOnce)
        {
            writer.WriteUInt16(PacketId);
        }

        writer.WriteProperties(Properties, version);
        destination.Advance(writer.Position);
        foreach (var segment in Payload)
        {
            destination.Write(segment.Span);
        }
    }

    private long Remaining(MqttVersion version) =>
        2L + Topic.Length + (QualityOfService == QualityOfService.AtMostOnce ? 0 : 2) + PacketWriter.PropertiesSize(Properties, version) + Payload.Length;
}
