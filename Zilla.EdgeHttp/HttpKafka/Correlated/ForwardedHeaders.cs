using System.Text;
using Zilla.Edge.Http;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeHttp.HttpKafka.Correlated;

/// <summary>
/// The headers of a request that its record carries (reference §4.1): the pseudo headers, then all others by name, lower-case. The server has
/// not kept the order that the client wrote them in, and a repetition of the request must give the same whichever edge takes it.
/// </summary>
internal static class ForwardedHeaders
{
    /// <summary>
    /// Beside <c>content-length</c> and <c>prefer</c>, which are about this exchange: <c>host</c>, which is <c>:authority</c>, and what is about the
    /// connection alone (RFC 9110 §7.6.1, §10.1.1).
    /// </summary>
    private static readonly HashSet<string> Kept = new(StringComparer.OrdinalIgnoreCase)
    {
        "content-length", "prefer", "host", "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings", "expect",
    };

    /// <summary>Names the trace of one try; the next try has another, and is the same request all the same.</summary>
    private static readonly HashSet<string> OfOneTry = new(StringComparer.OrdinalIgnoreCase) { "traceparent", "tracestate", "baggage", "request-id", "correlation-context" };

    /// <summary>What goes into the record, and whether it is a part of what the request is.</summary>
    public static List<(RecordHeader Header, bool Identifies)> Of(Exchange exchange)
    {
        var request = exchange.Request;
        List<(RecordHeader, bool)> headers =
        [
            (Header(":method", request.Method), true),
            (Header(":scheme", request.Scheme), true),
            (Header(":authority", request.Host.Value ?? ""), true),
            (Header(":path", exchange.Path), true),
        ];
        foreach (var (name, values) in request.Headers.Where(h => !Kept.Contains(h.Key) && !h.Key.StartsWith(':')).OrderBy(h => h.Key, StringComparer.OrdinalIgnoreCase))
        {
            foreach (var value in values)
            {
                if ((name.Equals("if-match", StringComparison.OrdinalIgnoreCase) ? OwnTag(value) : value) is { } forwarded)
                {
                    headers.Add((Header(name.ToLowerInvariant(), forwarded), !OfOneTry.Contains(name)));
                }
            }
        }

        return headers;
    }

    /// <summary>The service behind the topics knows its own tags only, not the progress that ours have before the slash.</summary>
    private static string? OwnTag(string? condition)
    {
        var text = condition.AsSpan().Trim();
        text = (text.StartsWith("W/") ? text[2..] : text).Trim('"');
        return text.IndexOf('/') is >= 0 and var slash ? text[(slash + 1)..].ToString() : null;
    }

    private static RecordHeader Header(string name, string value) => new(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
}
