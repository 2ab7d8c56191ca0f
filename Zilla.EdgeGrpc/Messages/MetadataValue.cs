using System.Buffers.Text;

namespace Zilla.EdgeGrpc.Messages;

/// <summary>
/// Metadata, which travel as HTTP headers (gRPC over HTTP/2, "Custom-Metadata"): the value of a name that ends in <c>-bin</c> is binary and written in Base64, any other
/// is printable ASCII.
/// </summary>
internal static class MetadataValue
{
    private const string BinarySuffix = "-bin";

    /// <summary>Details of an error, which an application gives, whatever its name (google.rpc.Status).</summary>
    private const string Details = "grpc-status-details-bin";

    public static bool IsBinary(string name) => name.EndsWith(BinarySuffix, StringComparison.OrdinalIgnoreCase);

    /// <summary>Lower case letters, digits, <c>_ - .</c>; names of gRPC's own (<c>grpc-</c>) are not an application's, but for the details of an error.</summary>
    public static bool IsName(ReadOnlySpan<char> name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('_' or '-' or '.'))
            {
                return false;
            }
        }

        return !name.IsEmpty && (!name.StartsWith("grpc-", StringComparison.Ordinal) || name.SequenceEqual(Details));
    }

    /// <summary>Printable ASCII, blanks included; no blank at either end would survive HTTP.</summary>
    public static bool IsText(ReadOnlySpan<byte> value)
    {
        foreach (var octet in value)
        {
            if (octet is < 0x20 or > 0x7E)
            {
                return false;
            }
        }

        return value.IsEmpty || (value[0] != ' ' && value[^1] != ' ');
    }

    /// <summary>Without padding, as senders should.</summary>
    public static string Encode(ReadOnlySpan<byte> binary) => Convert.ToBase64String(binary).TrimEnd('=');

    /// <summary>With padding or without; of values joined by commas one each. False when it is not Base64.</summary>
    public static bool TryDecode(string header, List<byte[]> values)
    {
        foreach (var range in header.AsSpan().Split(','))
        {
            var text = header.AsSpan(range).Trim().TrimEnd('=');
            var padded = string.Concat(text, "===".AsSpan(0, (4 - (text.Length % 4)) % 4));
            if (text.Length % 4 == 1 || !Base64.IsValid(padded, out var length))
            {
                return false;
            }

            var value = new byte[length];
            _ = Convert.TryFromBase64String(padded, value, out _);
            values.Add(value);
        }

        return true;
    }
}
