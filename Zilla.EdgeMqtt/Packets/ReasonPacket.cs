using System.Buffers;

namespace Zilla.EdgeMqtt.Packets;

/// <summary>DISCONNECT (§3.14) and AUTH (§3.15), which are of one form.</summary>
/// <remarks>
/// <code>│ reason code (MQTT 5; absent: 0) │ properties (MQTT 5; absent: none) │</code>
/// In MQTT 3.1.1 DISCONNECT is empty and the client's only, and there is no AUTH.
/// </remarks>
/// <param name="Type">One of both.</param>
/// <param name="Reason">In MQTT 3.1.1 always success: a normal disconnection.</param>
internal readonly record struct ReasonPacket(PacketType Type, ReasonCode Reason = ReasonCode.Success)
{
    public MqttProperties Properties { get; init; }

    /// <summary>Each side has reasons of its own, and a server must not send a session expiry interval [MQTT-3.14.2-2].</summary>
    public static bool TryRead(in MqttFrame frame, MqttVersion version, MqttSender sender, out ReasonPacket packet, out MqttError error)
    {
        var reader = new PacketReader(frame.Body);
        var (reason, properties) = (ReasonCode.Success, default(MqttProperties));
        if (version == MqttVersion.V5 && !reader.AtEnd)
        {
            reason = (ReasonCode)reader.ReadByte();
            reader.Require(ReasonCodes.IsAllowed(frame.Type, sender, reason), "the reason code is not one of this packet (MQTT-3.14.2-1, 3.15.2-1)");

            // 3.14.2.2.1: a remaining length below 2 means no properties.
            properties = reader.AtEnd ? default : reader.ReadProperties((PropertyPlace)(1 << (int)frame.Type), version);
            reader.Require(sender == MqttSender.Client || properties.SessionExpiryInterval is null, "a session expiry interval from a server (MQTT-3.14.2-2)");
            reader.Require(frame.Type != PacketType.Auth || properties.AuthenticationMethod is not null || reader.Error is not null, "no authentication method (3.15.2.2.2)");
        }

        packet = new(frame.Type, reason) { Properties = properties };
        return reader.TryFinish(out error);
    }

    /// <summary>Bytes of the whole packet.</summary>
    public long Size(MqttVersion version) => PacketWriter.HeaderSize(Remaining(version)) + Remaining(version);

    /// <summary>As short as it can be.</summary>
    public void Write(IBufferWriter<byte> destination, MqttVersion version)
    {
        var writer = new PacketWriter(destination.GetSpan((int)Size(version)));
        writer.WriteHeader(Type, 0, Remaining(version));
        writer.WriteReason(Reason, Properties, version);
        destination.Advance(writer.Position);
    }

    private long Remaining(MqttVersion version) => PacketWriter.ReasonSize(Reason, Properties, version);
}
