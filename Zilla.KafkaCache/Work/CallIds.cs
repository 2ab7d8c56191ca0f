using System.Security.Cryptography;
using System.Text;

namespace Zilla.KafkaCache.Work;

/// <summary>Correlation ids as they are kept: those of calls that are over are kept as well, many of them, and a header may be as long as a record.</summary>
internal static class CallIds
{
    /// <summary>The longest that is kept as it is, in bytes; UUIDs have 36.</summary>
    public const int Longest = 64;

    /// <summary>The id; of a longer one <c>#</c> and its SHA-256 in hexadecimal digits, 65 characters, which no id that is kept as it is has.</summary>
    public static string Of(ReadOnlySpan<byte> id) => id.Length <= Longest ? Encoding.UTF8.GetString(id) : "#" + Convert.ToHexString(SHA256.HashData(id));
}
