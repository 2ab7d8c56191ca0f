using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Zilla.ServiceDefaults;
using Zilla.ServiceDefaults.Metrics;
using Zilla.ServiceDefaults.Otlp;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every service of the suite has in common: telemetry, health, loopback endpoints. Nothing of the domain.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Tag of the health checks that say whether the process itself is sound (<c>/healthz</c>); all others count for <c>/readyz</c> alone.</summary>
    public const string LiveTag = "live";

    /// <summary>
    /// Key in a check's <see cref="HealthCheckResult.Data"/> for the addresses (<c>IEnumerable&lt;string&gt;</c>, absolute URLs) at which the service is
    /// there for clients just now; the health endpoints pass them on, and the AppHost shows them.
    /// </summary>
    public const string UrlsData = "urls";

    private static readonly string[] Meters = ["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime", "Zilla.*"];

    private static readonly Dictionary<string, string?> Defaults = new()
    {
        // The internal endpoint, unless the configuration names another: loopback, any free port. Never a wildcard address.
        ["Kestrel:Endpoints:Http:Url"] = "http://127.0.0.1:0",
        ["Kestrel:Endpoints:Http:Protocols"] = "Http1",
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        // A failing check is told by the endpoint, to whoever asked; not as an error of the service each time somebody asks.
        ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "None",
        ["Logging:Console:FormatterName"] = "simple",
        ["Logging:Console:FormatterOptions:SingleLine"] = "true",
    };

    /// <summary>
    /// Adds OpenTelemetry (sources and meters named <c>Zilla.*</c> and ASP.NET Core's; exported by OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is
    /// set, to other collectors as <see cref="OtlpExport"/> is told, told to Prometheus in any case), health checks, and defaults for the internal endpoints: <c>Kestrel:Endpoints:Http</c> is a free loopback port unless configured;
    /// a service that speaks gRPC listens on <c>Kestrel:Endpoints:Grpc</c> as well when that is configured. Services know each other as <c>Zilla:Channel</c> says.
    /// </summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = Defaults });
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);
        builder.Services.AddSingleton(_ => new PrometheusMetrics(Meters));
        builder.Services.AddSingleton(_ => new OtlpExport(builder.Environment.ApplicationName, Meters));
        builder.Services.AddSingleton<ILoggerProvider>(services => services.GetRequiredService<OtlpExport>());
        builder.AddTelemetry();
        builder.AddChannel();
        if (builder.Configuration[StandardInputLease.Variable] == "1")
        {
            builder.Services.AddSingleton(StandardInputLease.Start());
            builder.Services.AddHostedService<StandardInputLeaseService>();
        }

        return builder;
    }

    /// <summary>
    /// Maps <c>/healthz</c> (the process is sound), <c>/readyz</c> (everything it needs is there) and <c>/metrics</c> (Prometheus text). None is traced
    /// or counted.
    /// </summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealth("/healthz", check => check.Tags.Contains(LiveTag));
        app.MapHealth("/readyz", _ => true);

        // Made here, before the service starts and measures.
        var metrics = app.Services.GetRequiredService<PrometheusMetrics>();
        app.MapGet("/metrics", context => MetricsResponse.WriteAsync(context, metrics.Scrape())).DisableHttpMetrics();
        return app;
    }

    private static void MapHealth(this WebApplication app, string path, Func<HealthCheckRegistration, bool> predicate) =>
        app.MapHealthChecks(path, new HealthCheckOptions { Predicate = predicate, ResponseWriter = HealthResponse.WriteAsync }).DisableHttpMetrics();

    private static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        // Has ASP.NET Core put the semantic attributes (method, route, status) on its activities by itself.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource =>
            {
                if (string.IsNullOrEmpty(builder.Configuration["OTEL_SERVICE_NAME"]))
                {
                    resource.AddService(builder.Environment.ApplicationName);
                }
            })
            .WithMetrics(metrics => metrics.AddMeter(Meters))
            .WithLogging(null, logging => (logging.IncludeFormattedMessage, logging.IncludeScopes) = (true, true));
        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            // Spans are made for whoever is listening: with nobody there, a request does not pay for them.
            telemetry.WithTracing(tracing => tracing.AddSource("Microsoft.AspNetCore", "Zilla.*").AddProcessor(new RequestSpanNames()));
            telemetry.UseOtlpExporter();
        }
        else
        {
            // ASP.NET Core makes an activity of every request for its log's sake, too.
            builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        }
    }
}
