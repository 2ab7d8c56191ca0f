using System.Diagnostics;
using System.Net;
using Zilla.Edge.Handover;
using Zilla.Edge.Http;

namespace Zilla.EdgeHttp.Handover;

/// <summary>The head of a request as it goes on to another edge.</summary>
internal static class HandoverRequest
{
    /// <summary>What does not go on, either way: it is the connection's, or said anew.</summary>
    public static HashSet<string> OfConnection { get; } = new(StringComparer.OrdinalIgnoreCase)
    {
        "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "http2-settings", "host", "content-length", "expect", "authorization", "traceparent", "tracestate", HandedOver.Header, "date", "server",
    };

    /// <param name="exchange">The request.</param>
    /// <param name="instance">Where it goes to.</param>
    /// <param name="body">Its body, which has some of the headers.</param>
    /// <param name="handed">What it does not say itself.</param>
    public static HttpRequestMessage Of(Exchange exchange, Uri instance, HandoverBody body, string handed)
    {
        var request = new HttpRequestMessage(new HttpMethod(exchange.Request.Method), new Uri(instance, exchange.Path)) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = body };
        body.Headers.Clear();
        foreach (var (name, values) in exchange.Request.Headers)
        {
            if (!OfConnection.Contains(name) && !name.StartsWith(':') && !request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                body.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        request.Headers.TryAddWithoutValidation(HandedOver.Header, handed);
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } current)
        {
            request.Headers.TryAddWithoutValidation("traceparent", id);
            if (current.TraceStateString is { Length: > 0 } state)
            {
                request.Headers.TryAddWithoutValidation("tracestate", state);
            }
        }

        return request;
    }
}
