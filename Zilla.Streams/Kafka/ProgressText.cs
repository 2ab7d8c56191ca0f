using System.Buffers;
using System.Buffers.Text;

namespace Zilla.Streams.Kafka;

/// <summary>base64url (RFC 4648 §5) with the padding that Zilla writes and asks for.</summary>
internal static class ProgressText
{
    private static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Longer text cannot be a progress of at most <see cref="KafkaProgress.MaxPartitions"/> partitions (15 bytes each).</summary>
    private const int MaxLength = (KafkaProgress.MaxPartitions + 1) * 20;

    public static int Length(int bytes) => (bytes + 2) / 3 * 4;

    public static string Format(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).Replace('+', '-').Replace('/', '_');

    /// <summary>Writes the text over <paramref name="utf8"/>, whose first <paramref name="bytes"/> bytes hold what is encoded.</summary>
    public static int FormatInPlace(Span<byte> utf8, int bytes)
    {
        Base64.EncodeToUtf8InPlace(utf8, bytes, out var written);
        var text = utf8[..written];
        text.Replace((byte)'+', (byte)'-');
        text.Replace((byte)'/', (byte)'_');
        return written;
    }

    public static bool TryParse(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        if (text.IsEmpty || text.Length % 4 != 0 || text.Length > MaxLength)
        {
            return false;
        }

        var digits = text[^2] == '=' ? text[..^2] : text.TrimEnd('=');
        if (text.Length - digits.Length > 2 || !(text[^1] == '=' || digits.Length == text.Length) || digits.ContainsAnyExcept(Alphabet))
        {
            return false;
        }

        bytes = new byte[Base64Url.GetMaxDecodedLength(digits.Length)];
        var status = Base64Url.DecodeFromChars(digits, bytes, out _, out var written);
        bytes = bytes[..written];
        return status == OperationStatus.Done;
    }
}
