using System.Buffers;
using System.Buffers.Binary;

namespace Zilla.DevKafka.Wire;

/// <summary>What a look at the bytes received so far can say.</summary>
internal enum FrameResult
{
    /// <summary>The frame is not whole yet.</summary>
    NeedMore,

    /// <summary>One whole frame was taken.</summary>
    Frame,

    /// <summary>The length is negative, too short for a header, or above the limit.</summary>
    BadLength,
}

/// <summary>
/// Cuts the byte stream into requests.
/// <code>
/// +---------------+----------------------------+
/// | length: int32 | header and body: length B  |
/// +---------------+----------------------------+
/// </code>
/// The length is checked before anything is buffered for it.
/// </summary>
internal static class FrameReader
{
    /// <summary>API key, API version and correlation id: no request is shorter.</summary>
    public const int MinimumLength = 8;

    public static FrameResult TryRead(ref ReadOnlySequence<byte> buffer, int maximumLength, out ReadOnlySequence<byte> frame)
    {
        frame = default;
        if (buffer.Length < sizeof(int))
        {
            return FrameResult.NeedMore;
        }

        Span<byte> prefix = stackalloc byte[sizeof(int)];
        buffer.Slice(0, sizeof(int)).CopyTo(prefix);
        var length = BinaryPrimitives.ReadInt32BigEndian(prefix);
        if (length < MinimumLength || length > maximumLength)
        {
            return FrameResult.BadLength;
        }

        if (buffer.Length - sizeof(int) < length)
        {
            return FrameResult.NeedMore;
        }

        frame = buffer.Slice(sizeof(int), length);
        buffer = buffer.Slice(sizeof(int) + length);
        return FrameResult.Frame;
    }
}
