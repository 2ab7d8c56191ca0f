using System.Buffers;

namespace Zilla.EdgeMqtt.Packets;

/// <summary>CONNACK (§3.2): the server's answer to CONNECT.</summary>
/// <remarks><code>│ flags: 01 session present │ reason code; in MQTT 3.1.1 return code │ properties (MQTT 5) │</code></remarks>
internal readonly record struct ConnackPacket
{
    /// <summary>False with any reason but success [MQTT-3.2.2-6].</summary>
    public bool SessionPresent { get; init; }

    public ReasonCode Reason { get; init; }

    public MqttProperties Properties { get; init; }

    public static bool TryRead(in MqttFrame frame, MqttVersion version, out ConnackPacket packet, out MqttError error)
    {
        var reader = new PacketReader(frame.Body);
        var flags = reader.ReadByte();
        var code = reader.ReadByte();
        var reason = version == MqttVersion.V5 ? (ReasonCode)code : ReasonCodes.FromReturnCode(code);
        if (flags > 1)
        {
            reader.Fail(MqttError.Malformed("reserved flags are set (MQTT-3.2.2-1)"));
        }

        reader.Require(reason is { } known && ReasonCodes.IsAllowed(PacketType.Connack, MqttSender.Server, known), "the reason code is not one of CONNACK (MQTT-3.2.2-8)");
        reader.Require(flags == 0 || code == 0, "a session is present at a failure (MQTT-3.2.2-6; 3.1.1: 3.2.2-4)");
        packet = new() { SessionPresent = flags == 1, Reason = reason ?? default, Properties = reader.ReadProperties(PropertyPlace.Connack, version) };
        return reader.TryFinish(out error);
    }

    /// <summary>Bytes of the whole packet, to be held against the client's maximum (3.2.2.3.9: reason string and user properties are what may go).</summary>
    public long Size(MqttVersion version) => PacketWriter.HeaderSize(Remaining(version)) + Remaining(version);

    /// <exception cref="InvalidOperationException">MQTT 3.1.1 has no return code for the reason; the connection is to be closed without a CONNACK.</exception>
    public void Write(IBufferWriter<byte> destination, MqttVersion version)
    {
        var code = version == MqttVersion.V5 ? (byte)Reason : ReasonCodes.ToReturnCode(Reason);
        var writer = new PacketWriter(destination.GetSpan((int)Size(version)));
        writer.WriteHeader(PacketType.Connack, 0, Remaining(version));
        writer.WriteByte((byte)(SessionPresent ? 1 : 0));
        writer.WriteByte(code ?? throw new InvalidOperationException($"MQTT 3.1.1 has no return code for {Reason}."));
        writer.WriteProperties(Properties, version);
        destination.Advance(writer.Position);
    }

    private long Remaining(MqttVersion version) => 2 + PacketWriter.PropertiesSize(Properties, version);
}
