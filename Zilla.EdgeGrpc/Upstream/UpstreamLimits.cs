using System.Net.Http.Headers;
using System.Text;
using Zilla.Edge.Http;

namespace Zilla.EdgeGrpc.Upstream;

/// <summary>Headers and trailers of calls to services. Calls share connections, and one that has too many of them must not cost the others theirs.</summary>
internal static class UpstreamLimits
{
    /// <summary>Bytes of headers, or of trailers, of an answer: words and details of errors are among them. A call that gets more ends, and no other.</summary>
    public const int MostAnswered = 1 << 20;

    /// <summary>KiB of them that a connection takes. An answer that has more loses it, for all calls on it.</summary>
    public const int MostConnection = 4 << 10;

    /// <summary>Fields that every request has, which are HTTP/2's own, and bytes of them, the path apart.</summary>
    private const int OwnFields = 4, OwnBytes = 512;

    /// <summary>Why the head of a request is not to be sent; null: it may be. Servers tell what they take only once there is a connection, and some end it over what they have not told.</summary>
    public static string? Problem(HttpRequestMessage request, UpstreamOptions options)
    {
        var fields = OwnFields + request.Headers.NonValidated.Count + request.Content!.Headers.NonValidated.Count;
        var bytes = OwnBytes + request.RequestUri!.PathAndQuery.Length + ByteCount(request.Headers) + ByteCount(request.Content.Headers);
        return fields > options.MaxHeaders ? $"The call has more metadata than are sent to services: {fields} headers, of which there may be {options.MaxHeaders}."
            : bytes > options.MaxHeadersBytes ? $"The call has more metadata than are sent to services: {bytes} bytes of headers, of which there may be {options.MaxHeadersBytes}."
            : null;
    }

    /// <summary>As they count for HTTP/2, several values of one joined.</summary>
    public static long ByteCount(HttpHeaders headers)
    {
        var bytes = 0L;
        foreach (var (name, values) in headers.NonValidated)
        {
            bytes += FieldSize.Of(name, FieldSize.OfValue(values, Encoding.Latin1));
        }

        return bytes;
    }
}
