using System.Buffers;

namespace Zilla.EdgeMqtt.Packets;

/// <summary>SUBACK and UNSUBACK (§3.9, 3.11), which are of one form.</summary>
/// <remarks>
/// <code>│ packet identifier:2 │ properties (MQTT 5) │ reason code+ │</code>
/// In MQTT 3.1.1 the UNSUBACK ends after the identifier, and SUBACK knows one failure only, 0x80: any other is written as that.
/// </remarks>
internal sealed record SubscriptionAnswerPacket
{
    /// <summary>One of both.</summary>
    public required PacketType Type { get; init; }

    public required ushort PacketId { get; init; }

    /// <summary>One for each filter, in the order of the filters [MQTT-3.8.4-6].</summary>
    public required IReadOnlyList<ReasonCode> Reasons { get; init; }

    public MqttProperties Properties { get; init; }

    public static bool TryRead(in MqttFrame frame, MqttVersion version, out SubscriptionAnswerPacket packet, out MqttError error)
    {
        var reader = new PacketReader(frame.Body);
        var id = reader.ReadPacketId();
        var properties = reader.ReadProperties(frame.Type == PacketType.Suback ? PropertyPlace.Suback : PropertyPlace.Unsuback, version);
        var reasons = new List<ReasonCode>();
        if (HasReasons(frame.Type, version))
        {
            reader.Require(!reader.AtEnd || reader.Error is not null, "no reason code (3.9.3, 3.11.3)");
            while (!reader.AtEnd)
            {
                var reason = (ReasonCode)reader.ReadByte();
                var isKnown = version == MqttVersion.V5 ? ReasonCodes.IsAllowed(frame.Type, MqttSender.Server, reason) : (byte)reason is <= 2 or 0x80;
                reader.Require(isKnown, "the reason code is not one of this packet (MQTT-3.9.3-2, 3.11.3-2)");
                reasons.Add(reason);
            }
        }

        packet = new() { Type = frame.Type, PacketId = id, Properties = properties, Reasons = reasons };
        return reader.TryFinish(out error);
    }

    /// <summary>Bytes of the whole packet.</summary>
    public long Size(MqttVersion version) => PacketWriter.HeaderSize(Remaining(version)) + Remaining(version);

    public void Write(IBufferWriter<byte> destination, MqttVersion version)
    {
        var writer = new PacketWriter(destination.GetSpan((int)Size(version)));
        writer.WriteHeader(Type, 0, Remaining(version));
        writer.WriteUInt16(PacketId);
        writer.WriteProperties(Properties, version);
        if (HasReasons(Type, version))
        {
            foreach (var reason in Reasons)
            {
                writer.WriteByte(version == MqttVersion.V311 && reason > ReasonCode.UnspecifiedError ? (byte)ReasonCode.UnspecifiedError : (byte)reason);
            }
        }

        destination.Advance(writer.Position);
    }

    private static bool HasReasons(PacketType type, MqttVersion version) => version == MqttVersion.V5 || type == PacketType.Suback;

    private long Remaining(MqttVersion version) => 2L + PacketWriter.PropertiesSize(Properties, version) + (HasReasons(Type, version) ? Reasons.Count : 0);
}
