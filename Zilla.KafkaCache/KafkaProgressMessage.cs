using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache;

/// <summary>The one field that <c>KafkaFlushEx</c> and <c>KafkaEndEx</c> have: <c>0A varint(length) progress</c>.</summary>
internal static class KafkaProgressMessage
{
    private const byte ProgressTag = 0x0A;
    private const int MaxPrefix = 6;

    /// <summary>Encodes into <paramref name="buffer"/>, which is replaced when it is too small.</summary>
    public static ReadOnlyMemory<byte> Encode(ProgressVector progress, ref byte[] buffer)
    {
        var length = progress.EncodedLength;
        if (buffer.Length < length + MaxPrefix)
        {
            buffer = new byte[(length + MaxPrefix) * 2];
        }

        var at = 0;
        buffer[at++] = ProgressTag;
        for (var rest = (uint)length; ;)
        {
            buffer[at++] = (byte)(rest >= 0x80 ? rest | 0x80 : rest);
            rest >>= 7;
            if (rest == 0)
            {
                break;
            }
        }

        return buffer.AsMemory(0, at + progress.Encode(buffer.AsSpan(at)));
    }
}
