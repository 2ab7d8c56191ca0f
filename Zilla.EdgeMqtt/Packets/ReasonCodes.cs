namespace Zilla.EdgeMqtt.Packets;

/// <summary>Which reason codes a packet may carry, and what MQTT 3.1.1 says instead.</summary>
internal static class ReasonCodes
{
    /// <summary>The tables of §2.4, 3.2.2.2, 3.4.2.1 to 3.7.2.1, 3.9.3, 3.11.3, 3.14.2.1 and 3.15.2.1.</summary>
    public static bool IsAllowed(PacketType type, MqttSender sender, ReasonCode code) => type switch
    {
        PacketType.Connack => (byte)code is 0x00 or (>= 0x80 and <= 0x8A) or 0x8C or 0x90 or 0x95 or 0x97 or (>= 0x99 and <= 0x9D) or 0x9F,
        PacketType.Puback or PacketType.Pubrec => (byte)code is 0x00 or 0x10 or 0x80 or 0x83 or 0x87 or 0x90 or 0x91 or 0x97 or 0x99,
        PacketType.Pubrel or PacketType.Pubcomp => (byte)code is 0x00 or 0x92,
        PacketType.Suback => (byte)code is <= 0x02 or 0x80 or 0x83 or 0x87 or 0x8F or 0x91 or 0x97 or 0x9E or 0xA1 or 0xA2,
        PacketType.Unsuback => (byte)code is 0x00 or 0x11 or 0x80 or 0x83 or 0x87 or 0x8F or 0x91,
        PacketType.Disconnect when sender == MqttSender.Client => (byte)code is 0x00 or 0x04 or (>= 0x80 and <= 0x83) or 0x90 or (>= 0x93 and <= 0x99),
        PacketType.Disconnect => (byte)code is 0x00 or (>= 0x80 and <= 0x83) or 0x87 or 0x89 or (>= 0x8B and <= 0x90) or (>= 0x93 and <= 0xA2),
        PacketType.Auth => (byte)code is 0x00 or 0x18 or 0x19,
        _ => false,
    };

    /// <summary>The return code of a CONNACK in MQTT 3.1.1 (§3.2.2.3); null where that version has no word for it and the connection is just closed.</summary>
    public static byte? ToReturnCode(ReasonCode code) => code switch
    {
        ReasonCode.Success => 0,
        ReasonCode.UnsupportedProtocolVersion => 1,
        ReasonCode.ClientIdentifierNotValid => 2,
        ReasonCode.ServerUnavailable or ReasonCode.ServerBusy => 3,
        ReasonCode.BadUserNameOrPassword => 4,
        ReasonCode.NotAuthorized or ReasonCode.Banned or ReasonCode.BadAuthenticationMethod => 5,
        _ => null,
    };

    /// <summary>What a return code of MQTT 3.1.1 means in MQTT 5; null for the reserved ones.</summary>
    public static ReasonCode? FromReturnCode(byte code) => code switch
    {
        0 => ReasonCode.Success,
        1 => ReasonCode.UnsupportedProtocolVersion,
        2 => ReasonCode.ClientIdentifierNotValid,
        3 => ReasonCode.ServerUnavailable,
        4 => ReasonCode.BadUserNameOrPassword,
        5 => ReasonCode.NotAuthorized,
        _ => null,
    };
}
