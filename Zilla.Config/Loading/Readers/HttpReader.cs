using Zilla.Config.Bindings;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §2.4.</summary>
internal static class HttpReader
{
    private static readonly string[] Versions = ["http/1.1", "h2"];

    public static BindingConfig Server(BindingNode node)
    {
        var options = node.Options;
        options.NotYet("overrides", "requests");
        return new HttpServerBinding
        {
            Name = node.Name,
            Exit = node.Exit,
            Versions = options.Choices("versions", Versions),
            CrossOrigin = options.Mapping("access-control") is { } control ? AccessControl(control) : null,
            Requests = HttpRequestsReader.Read(options),
            Authorization = HttpAuthorizationReader.Read(options),
            Limits = LimitsReader.Requests(options),
            Routes = [.. node.Routes.Select(Route)],
        };
    }

    /// <summary>Towards gRPC services, which speak HTTP/2 alone.</summary>
    public static BindingConfig Client(BindingNode node)
    {
        var options = node.Options;
        options.NotYet("requests", "responses");
        if (!options.Choices("versions", Versions).Contains("h2"))
        {
            options.Findings.Report(options.Path / "versions", "gRPC needs 'h2'");
        }

        return new HttpClientBinding
        {
            Name = node.Name,
            Exit = node.Exit,
            Authorization = HttpAuthorizationReader.Read(options, presents: true),
            Overrides = Overrides(options),
            Routes = node.Routes.Count > 0 ? [.. node.Routes.Select(ClientRoute)] : null,
        };
    }

    private static CrossOriginPolicy? AccessControl(MappingReader control)
    {
        var crossOrigin = control.Choice("policy", ("same-origin", false), ("cross-origin", true)) ?? false;
        if (!crossOrigin)
        {
            control.NotHere("needs 'policy: cross-origin'", "allow", "max-age", "expose");
            control.Finish();
            return null;
        }

        var allow = control.Mapping("allow");
        var expose = control.Mapping("expose");
        var policy = new CrossOriginPolicy
        {
            AllowOrigins = allow?.Texts("origins") ?? [],
            AllowMethods = allow?.Texts("methods") ?? [],
            AllowHeaders = allow?.Texts("headers") ?? [],
            AllowCredentials = allow?.Flag("credentials") ?? false,
            MaxAge = control.Number("max-age", 0, int.MaxValue) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            ExposeHeaders = expose?.Texts("headers") ?? [],
        };
        allow?.Finish();
        expose?.Finish();
        control.Finish();
        return policy;
    }

    private static HttpRoute Route(RouteNode route)
    {
        route.Body.NotYet("with");
        return new HttpRoute
        {
            Exit = route.Exit,
            Guarded = route.Guarded,
            When = Conditions(route),
        };
    }

    private static HttpRoute ClientRoute(RouteNode route)
    {
        var headers = route.With.Mapping("headers");
        var read = new HttpRoute { Exit = route.Exit, When = Conditions(route), Overrides = headers is null ? null : Overrides(headers) };
        headers?.Finish();
        return read;
    }

    private static IReadOnlyList<HttpCondition> Conditions(RouteNode route) => [.. route.When.Select(condition => new HttpCondition { Headers = condition.TextMap("headers") })];

    private static IReadOnlyDictionary<string, string>? Overrides(MappingReader around) => around.TextMap("overrides") is { Count: > 0 } overrides ? overrides : null;
}
