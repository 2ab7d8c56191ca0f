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
        options.NotYet("authorization", "overrides", "requests", "responses");
        if (!options.Choices("versions", Versions).Contains("h2"))
        {
            options.Findings.Report(options.Path / "versions", "gRPC needs 'h2'");
        }

        node.RefuseRoutes("of an http client are not supported yet");
        return new HttpClientBinding { Name = node.Name, Exit = node.Exit };
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
            When = [.. route.When.Select(condition => new HttpCondition { Headers = condition.TextMap("headers") })],
        };
    }
}
