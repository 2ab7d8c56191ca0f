using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Sessions;

/// <summary>There is no session for the connection, or none any more.</summary>
internal sealed class SessionRefusedException(ReasonCode reason, string cause) : Exception(cause)
{
    /// <summary>0x80 or greater.</summary>
    public ReasonCode Reason { get; } = reason;
}
