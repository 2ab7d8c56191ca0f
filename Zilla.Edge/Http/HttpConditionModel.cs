using Zilla.Config.Bindings;
using Zilla.Edge.Routing;

namespace Zilla.Edge.Http;

/// <summary>A condition of an http server's route: every header matches its pattern (reference §2.4).</summary>
public sealed class HttpConditionModel
{
    private readonly List<(string Name, PathPattern Pattern)> _headers;

    /// <exception cref="FormatException">A pattern is malformed.</exception>
    public HttpConditionModel(HttpCondition condition) => _headers =
        [.. condition.Headers.Select(h => (h.Key, h.Key == ":path" ? PathPattern.CompileHttpPath(h.Value) : PathPattern.Compile(h.Value)))];

    /// <summary>The pattern of its <c>:path</c>; null: any path.</summary>
    public string? Path => _headers.Find(h => h.Name == ":path").Pattern?.Text;

    /// <summary>Whether a request to that path can match, whatever its other headers are.</summary>
    public bool MayTake(string path) => _headers.Find(h => h.Name == ":path").Pattern?.IsMatch(path) ?? true;

    public bool Matches(Exchange exchange)
    {
        foreach (var (name, pattern) in _headers)
        {
            if (!Matches(exchange, name, pattern))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Matches(Exchange exchange, string name, PathPattern pattern)
    {
        var request = exchange.Request;
        switch (name)
        {
            case ":path":
                return pattern.IsMatch(exchange.Path);
            case ":method":
                return pattern.IsMatch(request.Method);
            case ":scheme":
                return pattern.IsMatch(request.Scheme);
            case ":authority":
                // One without port counts as having the scheme's.
                var authority = request.Host.Value ?? "";
                return pattern.IsMatch(authority) || (request.Host.Port is null && pattern.IsMatch($"{authority}:{(request.IsHttps ? 443 : 80)}"));
            default:
                foreach (var value in request.Headers[name])
                {
                    if (value is not null && pattern.IsMatch(value))
                    {
                        return true;
                    }
                }

                return false;
        }
    }
}
