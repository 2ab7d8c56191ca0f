using System.Buffers;

namespace Zilla.EdgeMqtt.Packets;

/// <summary>PUBACK, PUBREC, PUBREL and PUBCOMP (§3.4 to 3.7), which are of one form.</summary>
/// <remarks>
/// <code>
/// │ packet identifier:2 │ reason code (MQTT 5; absent: 0) │ properties (MQTT 5; absent: none) │
/// </code>
/// </remarks>
/// <param name="Type">One of the four.</param>
/// <param name="PacketId">Of the PUBLISH.</param>
/// <param name="Reason">In MQTT 3.1.1 always success.</param>
internal readonly record struct AcknowledgePacket(PacketType Type, ushort PacketId, ReasonCode Reason = ReasonCode.Success)
{
    public MqttProperties Properties { get; init; }

    public static bool TryRead(in MqttFrame frame, MqttVersion version, out AcknowledgePacket packet, out MqttError error)
    {
        var reader = new PacketReader(frame.Body);
        var id = reader.ReadPacketId();
        var (reason, properties) = (ReasonCode.Success, default(MqttProperties));
        if (version == MqttVersion.V5 && !reader.AtEnd)
        {
            reason = (ReasonCode)reader.ReadByte();
            reader.Require(ReasonCodes.IsAllowed(frame.Type, MqttSender.Client, reason), "the reason code is not one of this packet (MQTT-3.4.2-1, 3.5.2-1, 3.6.2-1, 3.7.2-1)");

            // 3.4.2.2.1: a remaining length below 4 means no properties.
            properties = reader.AtEnd ? default : reader.ReadProperties((PropertyPlace)(1 << (int)frame.Type), version);
        }

        packet = new(frame.Type, id, reason) { Properties = properties };
        return reader.TryFinish(out error);
    }

    /// <summary>Bytes of the whole packet.</summary>
    public long Size(MqttVersion version) => PacketWriter.HeaderSize(Remaining(version)) + Remaining(version);

    /// <summary>As short as it can be.</summary>
    public void Write(IBufferWriter<byte> destination, MqttVersion version)
    {
        var writer = new PacketWriter(destination.GetSpan((int)Size(version)));
        writer.WriteHeader(Type, Type == PacketType.Pubrel ? 2 : 0, Remaining(version));
        writer.WriteUInt16(PacketId);
        writer.WriteReason(Reason, Properties, version);
        destination.Advance(writer.Position);
    }

    private long Remaining(MqttVersion version) => 2 + PacketWriter.ReasonSize(Reason, Properties, version);
}
