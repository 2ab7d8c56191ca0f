using Zilla.Config.Plans;
using Zilla.Edge.Http;
using Zilla.Edge.Http.Problems;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.Server;
using Zilla.EdgeGrpc.Upstream;

namespace Zilla.EdgeGrpc;

internal static class GrpcEdge
{
    /// <summary>Adds the gRPC edge: its listeners, its bindings, and Kestrel behind them.</summary>
    public static WebApplicationBuilder AddGrpcEdge(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IRejection, GrpcRejection>();
        builder.AddEdge<GrpcPlanApplier, GatewayModel>(ServiceNames.EdgeGrpc, GatewayModel.Empty);
        builder.Services.AddListenersHealthCheck(ServiceDefaultsExtensions.UrlsData, (_, _, _, isTls) => isTls ? "https" : "http");
        builder.AddHttpGateway((_, kestrel) => kestrel);
        builder.Services.AddOptions<UpstreamOptions>().Bind(builder.Configuration.GetSection(UpstreamOptions.Section));
        builder.Services.AddSingleton<UpstreamChannels>();
        builder.Services.AddSingleton<GrpcGatewayParts>();
        return builder;
    }

    /// <summary>Serves what comes in through the listeners of the plan.</summary>
    public static WebApplication UseGateway(this WebApplication app)
    {
        app.UseMiddleware<GatewayMiddleware>();
        return app;
    }
}
