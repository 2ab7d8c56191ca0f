namespace Zilla.EdgeMqtt.Packets;

/// <summary>What a message is published to (§4.7).</summary>
internal static class TopicName
{
    /// <summary>At least one character [MQTT-4.7.3-1] and no wildcard [MQTT-4.7.1-1]; that it is sound UTF-8 is known by now.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> name) => !name.IsEmpty && name.IndexOfAny((byte)'#', (byte)'+') < 0;
}
