using Zilla.Config.Bindings;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>What an http client's <c>overrides</c> say can be said to a gRPC service, over the connections that lead to it.</summary>
internal sealed class OverridesFit : IConfigurationRule
{
    private static readonly string[] PseudoHeaders = [":method", ":scheme", ":authority", ":path"];

    /// <summary>What concerns one connection alone (RFC 9110 §7.6.1), or where a message ends.</summary>
    private static readonly HashSet<string> HopByHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "trailer", "transfer-encoding", "upgrade", "http2-settings", "content-length", "expect",
    };

    /// <summary>What the gateway says of a call; so is all that begins with <c>grpc-</c>.</summary>
    private static readonly HashSet<string> OfTheCall = new(StringComparer.OrdinalIgnoreCase) { "content-type", "te", "traceparent", "tracestate" };

    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var http in configuration.Bindings.Values.OfType<HttpClientBinding>())
        {
            var at = BindingGraph.PathOf(http);
            foreach (var (name, value) in http.Overrides ?? new Dictionary<string, string>())
            {
                var place = at / "options" / "overrides" / name;
                Report(place, value.Contains("${", StringComparison.Ordinal) ? "expressions have a value in 'with' of a route alone" : Problem(name, value, [.. configuration.Next(http)], findings));
            }

            foreach (var (index, route) in (http.Routes ?? []).Index())
            {
                foreach (var (name, value) in route.Overrides ?? new Dictionary<string, string>())
                {
                    Report(BindingGraph.PathOf(http, index) / "with" / "headers" / "overrides" / name, Problem(name, value, [configuration.Bindings.GetValueOrDefault(route.Exit)], findings));
                }
            }
        }

        void Report(ConfigurationPath place, string? problem)
        {
            if (problem is not null)
            {
                findings.Report(place, problem);
            }
        }
    }

    /// <summary>Null if there is none.</summary>
    private static string? Problem(string name, string value, IReadOnlyList<BindingConfig?> ways, Findings findings) => name switch
    {
        ":method" => value == "POST" ? null : "calls of gRPC are made with POST",
        ":path" => value.StartsWith('/') && !value.AsSpan().ContainsAny(' ', '#') ? ValueProblem(value) : $"a path starts with '/' and has neither blanks nor '#', found '{value}'",
        ":authority" => NameRules.IsAuthority(value) ? null : $"expected host or host:port, found '{value}'",
        ":scheme" => ways.FirstOrDefault(way => way is TlsClientBinding or TcpClientBinding && value != (way is TlsClientBinding ? "https" : "http")) is { } way
            ? $"the scheme is what the way to the service is, and '{way.Name}' is a {way.TypeAndKind()}"
            : null,
        _ when name.StartsWith(':') => $"there is no pseudo header '{name}' of requests" + findings.Suggest(name, PseudoHeaders),
        _ => HeaderProblem(name, value),
    };

    /// <summary>Null if there is none. Never says what the value is.</summary>
    public static string? HeaderProblem(string name, string value) => name switch
    {
        _ when name.Equals("host", StringComparison.OrdinalIgnoreCase) => "the host is ':authority' here",
        _ when HopByHop.Contains(name) => $"'{name}' is about one connection, or where a message ends: it is not passed on",
        _ when OfTheCall.Contains(name) || name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase) => $"'{name}' is the gateway's own to say of a call",
        _ when !IsToken(name) => $"'{name}' is no name of a header",
        _ => ValueProblem(value),
    };

    private static string? ValueProblem(string value) =>
        value.Any(c => c is < ' ' or > '~') || (value.Length > 0 && (value[0] == ' ' || value[^1] == ' ')) ? "the value of a header is printable ASCII, without blanks at its ends" : null;

    /// <summary>RFC 9110 §5.6.2.</summary>
    private static bool IsToken(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));
}
