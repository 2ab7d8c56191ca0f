using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Zilla.Config.Plans;
using Zilla.Edge.Listeners;
using Zilla.EdgeHttp.Echo;
using Zilla.EdgeHttp.Problems;
using Zilla.EdgeHttp.Server;
using Zilla.EdgeHttp.Sse;

namespace Zilla.EdgeHttp;

internal static class HttpEdge
{
    /// <summary>Adds the HTTP edge: its listeners, its bindings, and Kestrel behind them.</summary>
    public static WebApplicationBuilder AddHttpEdge(this WebApplicationBuilder builder)
    {
        builder.AddEdge<HttpPlanApplier, GatewayModel>(ServiceNames.EdgeHttp, GatewayModel.Empty);
        builder.Services.AddHealthChecks().AddCheck<ListenersHealthCheck>("listeners");
        builder.Services.AddKestrelHandover((services, kestrel) => ActivatorUtilities.CreateInstance<EchoConnections>(services, kestrel));
        builder.Services.AddOptions<HttpEdgeOptions>().Bind(builder.Configuration.GetSection("Zilla:Edge:Http"));
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<HttpEdgeOptions>>((kestrel, options) => ServerLimits.Apply(kestrel, options.Value));
        builder.Services.AddHostedService<Refusals>();
        builder.Services.AddSingleton<OpenStreams>();
        builder.Services.AddSingleton<GatewayParts>();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(KestrelHandover.Http1, endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http1;
                endpoint.Use(Refusals.Watch);
            });
            kestrel.Listen(KestrelHandover.Http2, endpoint => endpoint.Protocols = HttpProtocols.Http2);
        });
        return builder;
    }

    /// <summary>Serves what comes in through the listeners of the plan.</summary>
    public static WebApplication UseGateway(this WebApplication app)
    {
        app.UseMiddleware<MetricsMiddleware>();
        app.UseMiddleware<GatewayMiddleware>();
        return app;
    }
}
