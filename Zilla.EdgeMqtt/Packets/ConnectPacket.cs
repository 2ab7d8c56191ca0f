using System.Buffers;

namespace Zilla.EdgeMqtt.Packets;

/// <summary>CONNECT (§3.1): the first packet of a client.</summary>
/// <remarks>
/// <code>
/// │ 00 04 "MQTT" │ level │ flags │ keep alive:2 │ properties │ client id │ will properties │ will topic │ will payload │ user name │ password │
/// flags: 80 user name │ 40 password │ 20 will retain │ 18 will QoS │ 04 will │ 02 clean start │ 01 reserved
/// </code>
/// Both properties are of MQTT 5 only.
/// </remarks>
internal sealed record ConnectPacket
{
    private const int UserNameFlag = 0x80, PasswordFlag = 0x40, WillRetainFlag = 0x20, WillQoSShift = 3, WillFlag = 0x04, CleanStartFlag = 0x02, ReservedFlag = 0x01;

    private static ReadOnlySpan<byte> ProtocolName => "MQTT"u8;

    public required MqttVersion Version { get; init; }

    /// <summary>In MQTT 3.1.1 "clean session": it also ends with the connection.</summary>
    public bool CleanStart { get; init; }

    /// <summary>Seconds; 0 turns it off.</summary>
    public ushort KeepAlive { get; init; }

    /// <summary>Empty: the server assigns one.</summary>
    public MqttString ClientId { get; init; }

    public WillMessage? Will { get; init; }

    public MqttString? UserName { get; init; }

    public ReadOnlyMemory<byte>? Password { get; init; }

    public MqttProperties Properties { get; init; }

    /// <summary>
    /// A refusal is sent in the words of <paramref name="answerIn"/>: of another level than 4 or 5 it is the nearer of both.
    /// <see cref="ReasonCode.UnsupportedProtocolVersion"/> and <see cref="ReasonCode.ClientIdentifierNotValid"/> have words in either version.
    /// </summary>
    public static bool TryRead(in MqttFrame frame, out ConnectPacket packet, out MqttVersion answerIn, out MqttError error)
    {
        packet = null!;
        answerIn = MqttVersion.V311;
        var reader = new PacketReader(frame.Body);
        var name = reader.ReadString();
        var level = reader.ReadByte();

        // The highest bit is how bridges between brokers ask, above 3.1.1, for more than the standard; refused in its words they ask again without.
        answerIn = level is >= (byte)MqttVersion.V5 and < 0x80 ? MqttVersion.V5 : MqttVersion.V311;
        if (reader.Error is null && (!name.Span.SequenceEqual(ProtocolName) || level is not ((byte)MqttVersion.V311 or (byte)MqttVersion.V5)))
        {
            // [MQTT-3.1.2-1], [MQTT-3.1.2-2]; MQTT 3.1 and before had the name "MQIsdp".
            reader.Fail(new(ReasonCode.UnsupportedProtocolVersion, "the protocol is neither MQTT 3.1.1 nor 5.0 (MQTT-3.1.2-2)"));
        }

        var version = answerIn;
        var flags = reader.ReadByte();
        CheckFlags(ref reader, flags, version);
        var keepAlive = reader.ReadUInt16();
        var properties = reader.ReadProperties(PropertyPlace.Connect, version);
        var clientId = reader.ReadString();
        packet = new()
        {
            Version = version,
            CleanStart = (flags & CleanStartFlag) != 0,
            KeepAlive = keepAlive,
            Properties = properties,
            ClientId = clientId,
            Will = (flags & WillFlag) != 0 ? ReadWill(ref reader, flags, version) : null,
            UserName = (flags & UserNameFlag) != 0 ? reader.ReadString() : default(MqttString?),
            Password = (flags & PasswordFlag) != 0 ? reader.ReadBinary() : default(ReadOnlyMemory<byte>?),
        };
        if (!reader.TryFinish(out error))
        {
            return false;
        }

        if (version == MqttVersion.V311 && clientId.IsEmpty && !packet.CleanStart)
        {
            error = new(ReasonCode.ClientIdentifierNotValid, "no client identifier for a session that is to be kept (3.1.1: MQTT-3.1.3-8)");
            return false;
        }

        return true;
    }

    public void Write(IBufferWriter<byte> destination)
    {
        var remaining = ProtocolName.Length + 6L + PacketWriter.PropertiesSize(Properties, Version) + 2 + ClientId.Length
            + (Will is null ? 0 : PacketWriter.PropertiesSize(Will.Properties, Version) + 2 + Will.Topic.Length + 2 + Will.Payload.Length)
            + (UserName is null ? 0 : 2 + UserName.Value.Length)
            + (Password is null ? 0 : 2 + Password.Value.Length);
        var writer = new PacketWriter(destination.GetSpan((int)(PacketWriter.HeaderSize(remaining) + remaining)));
        writer.WriteHeader(PacketType.Connect, 0, remaining);
        writer.WriteBinary(ProtocolName);
        writer.WriteByte((byte)Version);
        writer.WriteByte(Flags());
        writer.WriteUInt16(KeepAlive);
        writer.WriteProperties(Properties, Version);
        writer.WriteBinary(ClientId.Span);
        if (Will is not null)
        {
            writer.WriteProperties(Will.Properties, Version);
            writer.WriteBinary(Will.Topic.Span);
            writer.WriteBinary(Will.Payload.Span);
        }

        if (UserName is { } userName)
        {
            writer.WriteBinary(userName.Span);
        }

        if (Password is { } password)
        {
            writer.WriteBinary(password.Span);
        }

        destination.Advance(writer.Position);
    }

    private static void CheckFlags(ref PacketReader reader, byte flags, MqttVersion version)
    {
        if ((flags & ReservedFlag) != 0)
        {
            reader.Fail(MqttError.Malformed("the reserved flag is set (MQTT-3.1.2-3)"));
        }

        if ((flags >> WillQoSShift & 3) == 3)
        {
            reader.Fail(MqttError.Malformed("will QoS 3 (MQTT-3.1.2-12; 3.1.1: 3.1.2-14)"));
        }

        const int WillDetails = WillRetainFlag | (3 << WillQoSShift);
        reader.Require((flags & WillFlag) != 0 || (flags & WillDetails) == 0, "will QoS or will retain without a will (MQTT-3.1.2-11, 3.1.2-13; 3.1.1: 3.1.2-13, 3.1.2-15)");
        reader.Require(version == MqttVersion.V5 || (flags & PasswordFlag) == 0 || (flags & UserNameFlag) != 0, "a password without a user name (3.1.1: MQTT-3.1.2-22)");
    }

    private static WillMessage ReadWill(ref PacketReader reader, byte flags, MqttVersion version)
    {
        var properties = reader.ReadProperties(PropertyPlace.Will, version);
        var topic = reader.ReadString();
        reader.Require(TopicName.IsWellFormed(topic.Span), "the will topic is empty or has wildcards (MQTT-4.7.1-1, 4.7.3-1)");
        return new()
        {
            Properties = properties,
            Topic = topic,
            Payload = reader.ReadBinary(),
            QualityOfService = (QualityOfService)(flags >> WillQoSShift & 3),
            Retain = (flags & WillRetainFlag) != 0,
        };
    }

    private byte Flags() => (byte)((CleanStart ? CleanStartFlag : 0)
        | (Will is null ? 0 : WillFlag | ((int)Will.QualityOfService << WillQoSShift) | (Will.Retain ? WillRetainFlag : 0))
        | (UserName is null ? 0 : UserNameFlag)
        | (Password is null ? 0 : PasswordFlag));
}
