using Zilla.Config.Bindings;
using Zilla.Config.Guards;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>What the edges match texts against, paths of <see cref="PathPatternIsWellFormed"/> apart: headers, server names, WebSockets, client ids, fields of certificates.</summary>
internal sealed class PatternIsWellFormed : IConfigurationRule
{
    public void Check(ZillaConfiguration configuration, Findings findings)
    {
        foreach (var (at, pattern) in configuration.Bindings.Values.SelectMany(Of).Concat(configuration.Guards.Values.OfType<X509Guard>().SelectMany(Of)))
        {
            if (pattern is not null)
            {
                PathPattern.Parameters(pattern, out var problem);
                if (problem is not null)
                {
                    findings.Report(at, problem);
                }
            }
        }
    }

    private static IEnumerable<(ConfigurationPath At, string? Pattern)> Of(BindingConfig binding)
    {
        var at = BindingGraph.PathOf(binding);
        return binding switch
        {
            HttpServerBinding http => Headers(at, http.Routes),
            HttpClientBinding http => Headers(at, http.Routes ?? []),
            TlsServerBinding tls => tls.ServerNames.Select((name, index) => (at / "options" / "sni" / index, (string?)name))
                .Concat(Conditions(at, tls.Routes, route => route.When).Select(when => (when.At / "authority", when.Condition.Authority))),
            ProxyServerBinding proxy => Conditions(at, proxy.Routes, route => route.When).Select(when => (when.At / "info" / "authority", when.Condition.Authority)),
            WsServerBinding ws => Conditions(at, ws.Routes, route => route.When).SelectMany(when => ((string Key, string? Value)[])
                [("protocol", when.Condition.Protocol), ("scheme", when.Condition.Scheme), ("authority", when.Condition.Authority), ("path", when.Condition.Path)],
                (when, part) => (when.At / part.Key, part.Value)),
            MqttServerBinding mqtt => Conditions(at, mqtt.Routes, route => route.When)
                .SelectMany(when => when.Condition.Session.Select((id, index) => (when.At / "session" / index / "client-id", (string?)id))),
            _ => [],
        };
    }

    private static IEnumerable<(ConfigurationPath At, string? Pattern)> Headers(ConfigurationPath at, IReadOnlyList<HttpRoute> routes) =>
        Conditions(at, routes, route => route.When).SelectMany(when => when.Condition.Headers.Select(header => (when.At / "headers" / header.Key, (string?)header.Value)));

    private static IEnumerable<(ConfigurationPath At, string? Pattern)> Of(X509Guard guard) =>
        from role in guard.Roles
        from entry in role.Value.Select((patterns, index) => (Patterns: patterns, Index: index))
        from pattern in entry.Patterns
        select (ConfigurationPath.Root / "guards" / guard.Name / "options" / "roles" / role.Key / entry.Index / pattern.Key, (string?)pattern.Value);

    private static IEnumerable<(ConfigurationPath At, TCondition Condition)> Conditions<TRoute, TCondition>(
        ConfigurationPath at, IEnumerable<TRoute> routes, Func<TRoute, IReadOnlyList<TCondition>> conditions) =>
        routes.SelectMany((route, index) => conditions(route).Select((condition, number) => (at / "routes" / index / "when" / number, condition)));
}
