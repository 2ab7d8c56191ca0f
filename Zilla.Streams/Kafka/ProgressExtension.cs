using System.Diagnostics.CodeAnalysis;
using Zilla.Streams.Frames;
using Zilla.Streams.Protobuf;

namespace Zilla.Streams.Kafka;

/// <summary>The progress that <c>KafkaFlushEx</c> and <c>KafkaEndEx</c> carry, both as field 1: <c>0A length progress</c>.</summary>
public static class ProgressExtension
{
    private const byte ProgressTag = (1 << 3) | ProtoReader.Length;

    public static byte[] Encode(KafkaProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        var length = progress.EncodedLength;
        var encoded = new byte[1 + ProtoWriter.LengthSize(length)];
        var writer = new ProtoWriter(encoded);
        writer.WriteByte(ProgressTag);
        writer.WriteVarint((uint)length);
        progress.Encode(encoded.AsSpan(writer.Position));
        return encoded;
    }

    /// <summary>False when the frame has no sound progress.</summary>
    public static bool TryRead(in StreamFrame frame, [NotNullWhen(true)] out KafkaProgress? progress)
    {
        progress = null;
        var extension = frame.Extension.Span;
        var (start, length) = (0, 0);
        var reader = new ProtoReader(extension);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadTag(out var tag) || !(tag == ProgressTag ? reader.TryReadLength(out start, out length) : reader.TrySkip(tag)))
            {
                return false;
            }
        }

        return KafkaProgress.TryDecode(extension.Slice(start, length), out progress);
    }
}
