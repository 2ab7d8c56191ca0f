using Microsoft.AspNetCore.Server.Kestrel.Core;
using Zilla.Config.Plans;
using Zilla.Edge.Listeners;
using Zilla.EdgeHttp.Echo;
using Zilla.EdgeHttp.Server;

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
        builder.Services.AddSingleton<GatewayParts>();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // An SSE client may come back with an id of this length, in its header or in its query.
            kestrel.Limits.MaxRequestLineSize = 24 << 10;
            kestrel.Limits.MaxRequestHeadersTotalSize = 64 << 10;
            kestrel.Limits.Http2.MaxRequestHeaderFieldSize = 24 << 10;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Listen(KestrelHandover.Http1, endpoint => endpoint.Protocols = HttpProtocols.Http1);
            kestrel.Listen(KestrelHandover.Http2, endpoint => endpoint.Protocols = HttpProtocols.Http2);
        });
        return builder;
    }

    /// <summary>Serves what comes in through the listeners of the plan.</summary>
    public static WebApplication UseGateway(this WebApplication app)
    {
        app.UseMiddleware<GatewayMiddleware>();
        return app;
    }
}
