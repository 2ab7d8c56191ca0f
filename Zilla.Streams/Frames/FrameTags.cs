using Zilla.Streams.Protobuf;

namespace Zilla.Streams.Frames;

/// <summary>Field numbers of streams.proto as the tags that stand on the wire; each is one byte. A kind's tag is its <see cref="FrameKind"/> with LEN.</summary>
internal static class FrameTags
{
    public const byte BatchFrames = (1 << 3) | ProtoReader.Length;
    public const byte StreamId = (1 << 3) | ProtoReader.Varint;

    public const byte DataPayload = (1 << 3) | ProtoReader.Length;
    public const byte DataFlags = (2 << 3) | ProtoReader.Varint;

    public const byte Cause = (1 << 3) | ProtoReader.Varint;
    public const byte Message = (2 << 3) | ProtoReader.Length;
    public const byte RetryAfter = (3 << 3) | ProtoReader.Varint;

    public const byte WindowCredit = (1 << 3) | ProtoReader.Varint;

    public static byte Of(FrameKind kind) => (byte)(((int)kind << 3) | ProtoReader.Length);

    public static byte Of(ExtensionKind kind) => (byte)(((int)kind << 3) | ProtoReader.Length);
}
