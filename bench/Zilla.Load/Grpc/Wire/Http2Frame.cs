using System.Buffers.Binary;

namespace Zilla.Load.Grpc.Wire;

internal enum Http2FrameType : byte
{
    Data = 0,
    Headers = 1,
    ResetStream = 3,
    Settings = 4,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    Continuation = 9,
}

/// <summary>A frame of HTTP/2 (RFC 9113 §4.1). Its payload lies in the buffer that it was read from.</summary>
/// <remarks><code>length:3 │ type:1 │ flags:1 │ stream:4 │ payload</code></remarks>
internal readonly ref struct Http2Frame
{
    public const int PrefixLength = 9;
    public const byte EndStream = 1, Ack = 1, EndHeaders = 4, Padded = 8;

    private Http2Frame(Http2FrameType type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        (Type, Flags, Stream) = (type, flags, stream);
        Payload = payload;
    }

    public Http2FrameType Type { get; }

    public byte Flags { get; }

    public int Stream { get; }

    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>The last of its stream.</summary>
    public bool IsEnd => Type is Http2FrameType.Data or Http2FrameType.Headers && (Flags & EndStream) != 0;

    /// <summary>False: it is not all there yet.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out Http2Frame frame)
    {
        frame = default;
        if (source.Length < PrefixLength)
        {
            return false;
        }

        var length = (source[0] << 16) | BinaryPrimitives.ReadUInt16BigEndian(source[1..]);
        if (source.Length - PrefixLength < length)
        {
            return false;
        }

        frame = new((Http2FrameType)source[3], source[4], (int)(BinaryPrimitives.ReadUInt32BigEndian(source[5..]) & int.MaxValue), source.Slice(PrefixLength, length));
        return true;
    }

    /// <summary>Gives its length; the payload follows.</summary>
    public static int WritePrefix(Span<byte> destination, int length, Http2FrameType type, byte flags, int stream)
    {
        destination[0] = (byte)(length >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], (ushort)length);
        (destination[3], destination[4]) = ((byte)type, flags);
        BinaryPrimitives.WriteInt32BigEndian(destination[5..], stream);
        return PrefixLength;
    }
}
