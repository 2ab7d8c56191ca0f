using System.Buffers.Text;
using System.Text;

namespace Zilla.Load.Http;

/// <summary>The little of a response's head that a load driver needs.</summary>
internal readonly record struct ResponseHead(int Length, int Status, int ContentLength, bool IsChunked)
{
    /// <summary>False when the head is not complete yet.</summary>
    /// <exception cref="InvalidDataException">Not HTTP/1.1.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ResponseHead head)
    {
        head = default;
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        if (!bytes.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(bytes[9..12], out int status, out _))
        {
            throw new InvalidDataException("The answer is not HTTP/1.1.");
        }

        var (contentLength, chunked) = (status is 204 or 304 ? 0 : -1, false);
        foreach (var range in bytes[..end].Split("\r\n"u8))
        {
            var line = bytes[..end][range];
            if (Ascii.EqualsIgnoreCase(line[..Math.Min(15, line.Length)], "content-length:"u8))
            {
                Utf8Parser.TryParse(line[15..].TrimStart((byte)' '), out contentLength, out _);
            }
            else if (Ascii.EqualsIgnoreCase(line[..Math.Min(18, line.Length)], "transfer-encoding:"u8))
            {
                chunked = line[18..].IndexOf("chunked"u8) >= 0;
            }
        }

        head = new(end + 4, status, contentLength, chunked);
        return true;
    }
}
