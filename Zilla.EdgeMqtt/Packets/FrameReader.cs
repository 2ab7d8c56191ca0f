using System.Buffers;

namespace Zilla.EdgeMqtt.Packets;

internal enum FrameStatus
{
    /// <summary>The packet is not all there yet.</summary>
    NeedsMore,
    Packet,

    /// <summary>The connection has to be closed: where the next packet begins is not known.</summary>
    Malformed,
}

/// <summary>Cuts the bytes of a connection into packets (§2.1).</summary>
/// <remarks>
/// <code>
/// ┌──────────────┬──────────────────┬──────────────────────────┐
/// │ type:4 flags:4 │ remaining length │ body: that many bytes    │
/// └──────────────┴──────────────────┴──────────────────────────┘
///        1         variable, 1 to 4
/// </code>
/// </remarks>
internal static class FrameReader
{
    private const int LongestHeader = 5;

    /// <summary>
    /// Takes one packet off the front of the buffer; a buffer without a whole one is left as it is. The maximum is bytes of a whole packet (§3.1.2.11.4): a
    /// greater one is refused by its length, before any of its body has come. The version is null before CONNECT has said.
    /// </summary>
    public static FrameStatus TryRead(ref ReadOnlySequence<byte> buffer, long maximumPacketSize, MqttVersion? version, out MqttFrame frame, out MqttError error)
    {
        frame = default;
        error = default;
        if (buffer.IsEmpty)
        {
            return FrameStatus.NeedsMore;
        }

        Span<byte> copy = stackalloc byte[LongestHeader];
        var header = Peek(buffer, copy);
        var type = (PacketType)(header[0] >> 4);
        var flags = (byte)(header[0] & 0x0F);
        if (FindFault(type, flags, version) is { } fault)
        {
            error = MqttError.Malformed(fault);
            return FrameStatus.Malformed;
        }

        var size = VariableByteInteger.Read(header[1..], out var length);
        if (size == 0)
        {
            return FrameStatus.NeedsMore;
        }

        // MQTT 3.1.1 does not ask for the shortest form, and there are clients that leave room and fill it in later.
        if (size < 0 || (version == MqttVersion.V5 && size != VariableByteInteger.Size(length)))
        {
            error = MqttError.Malformed("remaining length (2.1.4, MQTT-1.5.5-1)");
            return FrameStatus.Malformed;
        }

        if (1L + size + length > maximumPacketSize)
        {
            error = new(ReasonCode.PacketTooLarge, "maximum packet size (MQTT-3.2.2-15)");
            return FrameStatus.Malformed;
        }

        if (buffer.Length < 1L + size + length)
        {
            return FrameStatus.NeedsMore;
        }

        frame = new(type, flags, buffer.Slice(1 + size, length));
        buffer = buffer.Slice(frame.Body.End);
        return FrameStatus.Packet;
    }

    private static ReadOnlySpan<byte> Peek(in ReadOnlySequence<byte> buffer, Span<byte> copy)
    {
        var first = buffer.FirstSpan;
        if (first.Length >= LongestHeader || buffer.IsSingleSegment)
        {
            return first[..Math.Min(LongestHeader, first.Length)];
        }

        var start = buffer.Slice(0, Math.Min(LongestHeader, buffer.Length));
        start.CopyTo(copy);
        return copy[..(int)start.Length];
    }

    private static string? FindFault(PacketType type, byte flags, MqttVersion? version) => type switch
    {
        0 => "packet type 0 (2.1.2)",
        PacketType.Auth when version == MqttVersion.V311 => "packet type 15 (3.1.1: 2.2.1)",
        PacketType.Publish => null,
        PacketType.Pubrel or PacketType.Subscribe or PacketType.Unsubscribe => flags == 2 ? null : "fixed header flags are not 2 (MQTT-3.6.1-1, 3.8.1-1, 3.10.1-1)",
        _ => flags == 0 ? null : "fixed header flags are not 0 (2.1.3)",
    };
}
