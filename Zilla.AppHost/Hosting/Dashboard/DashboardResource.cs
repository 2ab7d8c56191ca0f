using Zilla.AppHost.Hosting.Model;
using Zilla.AppHost.Hosting.Planning;

namespace Zilla.AppHost.Hosting.Dashboard;

/// <summary>The dashboard as a resource of its own, hidden from its own list, and every service told to send it telemetry.</summary>
internal static class DashboardResource
{
    private const int DefaultPort = 18888;
    private const string OtlpGrpc = "otlp-grpc";
    private const string OtlpHttp = "otlp-http";

    public static ExecutableResource AddDashboard(this DistributedApplicationBuilder model, string program, DashboardSecrets secrets, string resourceServiceUrl)
    {
        var dashboard = model.AddExecutable("aspire-dashboard", program)
            .WithAnnotation(new HiddenAnnotation())
            .WithAnnotation(new EndpointAnnotation("http", EndpointKind.Http, model.Options.DashboardPort ?? DefaultPort))
            .WithAnnotation(new EndpointAnnotation(OtlpGrpc, EndpointKind.Grpc))
            .WithAnnotation(new EndpointAnnotation(OtlpHttp, EndpointKind.Http))
            .WithHttpHealthCheck("/login")
            .WithArgs(_ => ["dashboard"])
            .WithEnvironment(context => SetEnvironment(context, secrets, resourceServiceUrl));
        foreach (var service in model.Resources.OfType<ProjectResource>())
        {
            service.Annotations.Add(new EnvironmentAnnotation(context => SetTelemetry(context, dashboard.Resource, secrets)));
        }

        return dashboard.Resource;
    }

    /// <summary>The link that lets a browser in.</summary>
    public static string LoginLink(ResourceInstance dashboard, DashboardSecrets secrets) =>
        $"http://localhost:{dashboard.Endpoint("http").Port}/login?t={secrets.BrowserToken}";

    private static void SetEnvironment(EnvironmentContext context, DashboardSecrets secrets, string resourceServiceUrl)
    {
        var dashboard = context.Instance;
        context.Set("ASPNETCORE_ENVIRONMENT", "Production");
        context.Set("ASPNETCORE_URLS", $"http://localhost:{dashboard.Endpoint("http").Port}");
        context.Set("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", dashboard.Endpoint(OtlpGrpc).Url);
        context.Set("ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL", dashboard.Endpoint(OtlpHttp).Url);
        context.Set("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", resourceServiceUrl);
        context.Set("DASHBOARD__RESOURCESERVICECLIENT__AUTHMODE", "ApiKey");
        context.Set("DASHBOARD__RESOURCESERVICECLIENT__APIKEY", secrets.ResourceServiceKey, isSecret: true);
        context.Set("DASHBOARD__FRONTEND__AUTHMODE", "BrowserToken");
        context.Set("DASHBOARD__FRONTEND__BROWSERTOKEN", secrets.BrowserToken, isSecret: true);
        context.Set("DASHBOARD__OTLP__AUTHMODE", "ApiKey");
        context.Set("DASHBOARD__OTLP__PRIMARYAPIKEY", secrets.OtlpKey, isSecret: true);
        context.Set("DASHBOARD__API__DISABLED", "true");
        context.Set("DASHBOARD__DEBUGSESSION__TELEMETRYOPTOUT", "true");
        context.Set("LOGGING__LOGLEVEL__DEFAULT", "Warning");
    }

    private static void SetTelemetry(EnvironmentContext context, Resource dashboard, DashboardSecrets secrets)
    {
        context.Set("OTEL_EXPORTER_OTLP_ENDPOINT", context.EndpointOf(dashboard, OtlpGrpc).Url);
        context.Set("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
        context.Set("OTEL_EXPORTER_OTLP_HEADERS", $"x-otlp-api-key={secrets.OtlpKey}", isSecret: true);

        // A developer who looks at the page wants to see what happened just now.
        context.Set("OTEL_BSP_SCHEDULE_DELAY", "1000");
        context.Set("OTEL_BLRP_SCHEDULE_DELAY", "1000");
        context.Set("OTEL_METRIC_EXPORT_INTERVAL", "1000");
    }
}
