using System.Buffers;
using System.Buffers.Binary;

namespace Zilla.Edge.Calls;

public enum FrameStatus
{
    /// <summary>The message is not all there yet.</summary>
    NeedsMore,
    Frame,

    /// <summary>The call ends: it is larger than allowed. Found by its length, before any of it has come.</summary>
    TooLarge,

    /// <summary>The call ends: a flag that nobody knows.</summary>
    Malformed,
}

/// <summary>A message as it travels in the body (gRPC over HTTP/2, "Length-Prefixed-Message"). It lies in the buffer that it was read from and lives as long.</summary>
/// <remarks><code>
/// ┌─────────┬─────────────────────┬───────────────┐
/// │ flags:1 │ length:4 big-endian │ length bytes  │
/// └─────────┴─────────────────────┴───────────────┘
///   01 compressed as grpc-encoding says │ 80 trailers, not a message (gRPC-Web, responses only)
/// </code></remarks>
/// <param name="Flags">As above.</param>
/// <param name="Body">Without the prefix.</param>
public readonly record struct MessageFrame(byte Flags, ReadOnlySequence<byte> Body)
{
    public const int PrefixLength = 5;
    public const byte Compressed = 1, Trailers = 0x80;

    public bool IsCompressed => (Flags & Compressed) != 0;

    /// <summary>Takes one message off the front of the buffer; a buffer without a whole one is left as it is.</summary>
    /// <param name="buffer">What has come of the body.</param>
    /// <param name="maximum">Bytes of the message as it travels, the prefix not counted.</param>
    /// <param name="frame">The message.</param>
    public static FrameStatus TryRead(ref ReadOnlySequence<byte> buffer, int maximum, out MessageFrame frame)
    {
        frame = default;
        if (buffer.IsEmpty)
        {
            return FrameStatus.NeedsMore;
        }

        if (buffer.FirstSpan is { IsEmpty: false } first && (first[0] & ~Compressed) != 0)
        {
            return FrameStatus.Malformed;
        }

        if (buffer.Length < PrefixLength)
        {
            return FrameStatus.NeedsMore;
        }

        Span<byte> prefix = stackalloc byte[PrefixLength];
        buffer.Slice(0, PrefixLength).CopyTo(prefix);
        if ((prefix[0] & ~Compressed) != 0)
        {
            return FrameStatus.Malformed;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (length > maximum)
        {
            return FrameStatus.TooLarge;
        }

        if (buffer.Length - PrefixLength < length)
        {
            return FrameStatus.NeedsMore;
        }

        frame = new(prefix[0], buffer.Slice(PrefixLength, length));
        buffer = buffer.Slice(frame.Body.End);
        return FrameStatus.Frame;
    }

    public static void WritePrefix(IBufferWriter<byte> destination, byte flags, int length)
    {
        WritePrefix(destination.GetSpan(PrefixLength), flags, length);
        destination.Advance(PrefixLength);
    }

    public static void WritePrefix(Span<byte> destination, byte flags, int length)
    {
        destination[0] = flags;
        BinaryPrimitives.WriteInt32BigEndian(destination[1..], length);
    }
}
