using System.Buffers;
using System.Globalization;
using System.Text;

namespace Zilla.Edge.Calls;

/// <summary><c>grpc-message</c>: UTF-8, percent-encoded but for the printable characters of ASCII other than <c>%</c> (gRPC over HTTP/2, "Responses").</summary>
/// <remarks><code>"50 % für" → "50 %25 f%C3%BCr"</code></remarks>
public static class StatusMessage
{
    private static readonly SearchValues<char> Plain = SearchValues.Create(Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Where(c => c != '%').ToArray());

    public static string Encode(string message)
    {
        var first = message.AsSpan().IndexOfAnyExcept(Plain);
        if (first < 0)
        {
            return message;
        }

        var encoded = new StringBuilder(message.Length + 16).Append(message, 0, first);
        foreach (var octet in Encoding.UTF8.GetBytes(message[first..]))
        {
            if (Plain.Contains((char)octet))
            {
                encoded.Append((char)octet);
            }
            else
            {
                encoded.Append('%').Append(octet.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return encoded.ToString();
    }

    /// <summary>What is not a percent sign and two hexadecimal digits stays as it is: a peer's mistake must not cost its message.</summary>
    public static string Decode(string encoded)
    {
        if (!encoded.Contains('%', StringComparison.Ordinal))
        {
            return encoded;
        }

        var octets = new List<byte>(encoded.Length);
        for (var i = 0; i < encoded.Length; i++)
        {
            if (encoded[i] == '%' && i + 2 < encoded.Length && byte.TryParse(encoded.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet))
            {
                octets.Add(octet);
                i += 2;
            }
            else
            {
                octets.AddRange(Encoding.UTF8.GetBytes(encoded[i..(i + 1)]));
            }
        }

        return Encoding.UTF8.GetString([.. octets]);
    }
}
