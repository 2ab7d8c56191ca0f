using System.Text;
using Zilla.Edge.Http;

namespace Zilla.EdgeHttp.Handover;

/// <summary>
/// What the other edge's server takes of a request's head, counted as it does. It ends the connection that a larger one comes on, and with it the requests of other clients, so that such a request must not be sent.
/// </summary>
/// <param name="options">The limits. Those of this server, which are the other's too unless somebody has set them apart.</param>
internal sealed class HeadLimits(HttpServerOptions options)
{
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
            var value = FieldSize.OfValue(values, Encoding.UTF8);
            fields++;
            bytes += FieldSize.Of(name, value);
            if (value > options.MaxRequestLineBytes)
            {
                return false;
            }
        }

        return fields <= options.MaxHeaders && bytes <= options.MaxHeadersBytes;
    }
}
