using System.Net.Http.Headers;
using System.Text;
using Zilla.Edge.Http;

namespace Zilla.EdgeHttp.Handover;

/// <summary>
/// What the other edge's server takes of a request's head, counted as it does. It ends the connection that a larger one comes on, and with it the requests of other clients, so that such a request must not be sent.
/// </summary>
/// <param name="options">The limits. Those of this server, which are the other's too unless somebody has set them apart.</param>
internal sealed class HeadLimits(HttpServerOptions options)
{
    /// <summary>Bytes that count for a field besides its name and its value (RFC 9113 §6.5.2).</summary>
    private const int Overhead = 32;

    /// <summary>Fields that every request has: four of HTTP/2's own, and the channel's key.</summary>
    private const int OwnFields = 5;

    /// <summary>Bytes of these, the path apart.</summary>
    private const int OwnBytes = 1 << 10;

    /// <param name="request">With a body, if only for its headers.</param>
    public bool Admit(HttpRequestMessage request)
    {
        var (fields, bytes) = (OwnFields, OwnBytes + (long)request.RequestUri!.PathAndQuery.Length);
        foreach (var (name, values) in request.Headers.NonValidated.Concat(request.Content!.Headers.NonValidated))
        {
            var value = ByteCount(values);
            fields++;
            bytes += name.Length + value + Overhead;
            if (value > options.MaxRequestLineBytes)
            {
                return false;
            }
        }

        return fields <= options.MaxHeaders && bytes <= options.MaxHeadersBytes;
    }

    /// <summary>As they are sent: joined, with two characters between each.</summary>
    private static int ByteCount(HeaderStringValues values) => values.Sum(value => Encoding.UTF8.GetByteCount(value)) + (2 * (values.Count - 1));
}
