using System.Buffers;
using System.Buffers.Text;
using System.Globalization;

namespace Zilla.EdgeHttp.Sse;

/// <summary>
/// Writes the event stream format (HTML standard §9.2), without the space after the colon that it allows:
/// <code>
/// retry:2000⏎⏎     :⏎⏎     id:…⏎event:…⏎data:…⏎data:…⏎⏎
/// </code>
/// </summary>
internal static class SseWriter
{
    public static void Retry(IBufferWriter<byte> output, TimeSpan retry)
    {
        output.Write("retry:"u8);
        var span = output.GetSpan(20);
        ((long)retry.TotalMilliseconds).TryFormat(span, out var written, provider: CultureInfo.InvariantCulture);
        output.Advance(written);
        output.Write("\n\n"u8);
    }

    /// <summary>Asks for newer credentials: how and with which headers to send them, to the same address (reference §4.2).</summary>
    public static void Challenge(IBufferWriter<byte> output) =>
        output.Write("event:challenge\ndata:{\"method\":\"POST\",\"headers\":{\"content-type\":\"application/x-challenge-response\"}}\n\n"u8);

    public static void Comment(IBufferWriter<byte> output) => output.Write(":\n\n"u8);

    /// <summary>One <c>data:</c> line per line of <paramref name="payload"/>.</summary>
    /// <remarks>The format ends a line at LF, CR or CRLF alike. Records are not ours: a CR that passed could begin a field of its own.</remarks>
    public static void Data(IBufferWriter<byte> output, ReadOnlySpan<byte> payload)
    {
        while (true)
        {
            output.Write("data:"u8);
            var end = payload.IndexOfAny((byte)'\n', (byte)'\r');
            if (end < 0)
            {
                output.Write(payload);
                output.Write("\n"u8);
                return;
            }

            output.Write(payload[..end]);
            output.Write("\n"u8);
            payload = payload[(payload[end..].StartsWith("\r\n"u8) ? end + 2 : end + 1)..];
        }
    }

    /// <summary>A tombstone: <c>event:delete</c> and the key.</summary>
    public static void Delete(IBufferWriter<byte> output, ReadOnlySpan<byte> key)
    {
        output.Write("event:delete\ndata:"u8);
        Base64Padded(output, key);
        output.Write("\n"u8);
    }

    /// <summary>When a record was written, a field of Zilla's own: milliseconds since 1970 in hexadecimal, <c>timestamp:0x1619fe172c7</c>.</summary>
    public static void Timestamp(IBufferWriter<byte> output, long milliseconds)
    {
        output.Write("timestamp:0x"u8);
        var span = output.GetSpan(16);
        milliseconds.TryFormat(span, out var written, "x", CultureInfo.InvariantCulture);
        output.Advance(written);
        output.Write("\n"u8);
    }

    public static void EndOfEvent(IBufferWriter<byte> output) => output.Write("\n"u8);

    /// <summary>base64url with padding, as progress is written.</summary>
    public static void Base64Padded(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        var length = (bytes.Length + 2) / 3 * 4;
        var span = output.GetSpan(length)[..length];
        var written = Base64Url.EncodeToUtf8(bytes, span);
        span[written..].Fill((byte)'=');
        output.Advance(length);
    }
}
