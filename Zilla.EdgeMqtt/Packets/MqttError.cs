namespace Zilla.EdgeMqtt.Packets;

/// <summary>Why a packet is refused. An MQTT 5 peer is told the reason code; an MQTT 3.1.1 connection is closed without a word (but see <see cref="ReasonCodes.ToReturnCode"/>).</summary>
/// <param name="Reason">0x80 or greater.</param>
/// <param name="Cause">For reason strings and logs; names the clause, never what the client sent.</param>
internal readonly record struct MqttError(ReasonCode Reason, string Cause)
{
    /// <summary>§1.2: it cannot be parsed according to the standard.</summary>
    public static MqttError Malformed(string cause) => new(ReasonCode.MalformedPacket, cause);

    /// <summary>§1.2: it can be parsed, and what it says is not allowed.</summary>
    public static MqttError Protocol(string cause) => new(ReasonCode.ProtocolError, cause);
}
