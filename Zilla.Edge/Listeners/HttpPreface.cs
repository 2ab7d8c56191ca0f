using System.Buffers;

namespace Zilla.Edge.Listeners;

internal enum HttpVersionGuess
{
    NeedMore,
    Http1,
    Http2,
}

/// <summary>
/// Tells the two apart by what a client says first (RFC 9113 §3.4). No HTTP/1.1 method is <c>PRI</c>.
/// <code>
/// HTTP/2     50 52 49 20 …   "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
/// HTTP/1.1   anything else
/// </code>
/// </summary>
internal static class HttpPreface
{
    private static ReadOnlySpan<byte> Start => "PRI "u8;

    public static HttpVersionGuess Guess(in ReadOnlySequence<byte> input)
    {
        Span<byte> first = stackalloc byte[4];
        var length = (int)Math.Min(input.Length, first.Length);
        input.Slice(0, length).CopyTo(first);
        return !Start.StartsWith(first[..length]) ? HttpVersionGuess.Http1
            : length < Start.Length ? HttpVersionGuess.NeedMore
            : HttpVersionGuess.Http2;
    }
}
