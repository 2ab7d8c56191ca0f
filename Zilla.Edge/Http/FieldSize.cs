using System.Net.Http.Headers;
using System.Text;

namespace Zilla.Edge.Http;

/// <summary>How fields of a head count for HTTP/2's limits (RFC 9113 §6.5.2).</summary>
public static class FieldSize
{
    /// <summary>Bytes that count for a field besides its name and its value.</summary>
    private const int Overhead = 32;

    /// <summary>Bytes of a field, given those of its value.</summary>
    public static long Of(string name, long value) => name.Length + value + Overhead;

    /// <summary>Bytes of a value; several are joined, with two characters between each.</summary>
    public static long OfValue(in HeaderStringValues values, Encoding encoding)
    {
        var bytes = 2L * (values.Count - 1);
        foreach (var value in values)
        {
            bytes += encoding.GetByteCount(value);
        }

        return bytes;
    }
}
