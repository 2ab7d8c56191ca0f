using Google.Protobuf;

namespace Zilla.Load.Grpc;

/// <summary>The message of bench/grpc.proto: one field of bytes, a <see cref="Payload"/>.</summary>
internal static class ItemMessage
{
    private const uint Tag = (1 << 3) | 2;

    public static byte[] Of(int length, long time = 0)
    {
        var payload = Payload.Of(length, time);
        var message = new byte[CodedOutputStream.ComputeTagSize(1) + CodedOutputStream.ComputeLengthSize(payload.Length) + payload.Length];
        using var output = new CodedOutputStream(message);
        output.WriteTag(Tag);
        output.WriteBytes(UnsafeByteOperations.UnsafeWrap(payload));
        output.Flush();
        return message;
    }

    /// <summary>When it was sent; false when its first bytes are no such message's.</summary>
    public static bool TryReadTime(ReadOnlySpan<byte> message, out long time)
    {
        time = 0;
        if (message.IsEmpty || message[0] != Tag)
        {
            return false;
        }

        var at = 1;
        while (at < message.Length && (message[at++] & 0x80) != 0)
        {
            // The length, which does not matter.
        }

        return Payload.TryReadTime(message[at..], out time);
    }
}
