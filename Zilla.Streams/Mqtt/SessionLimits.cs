namespace Zilla.Streams.Mqtt;

/// <summary>What a session of MQTT has at most, for the edges that fill it and the owner that keeps it.</summary>
public static class SessionLimits
{
    /// <summary>Messages that were sent to the client and are not settled. An edge that tells of more is not believed.</summary>
    public const int Sent = 16_384;
}
