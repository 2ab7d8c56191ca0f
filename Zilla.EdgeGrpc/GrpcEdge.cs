using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Zilla.Config.Plans;
using Zilla.Edge.Http;
using Zilla.EdgeGrpc.Handover;
using Zilla.EdgeGrpc.KafkaGrpc;
using Zilla.EdgeGrpc.Messages;
using Zilla.EdgeGrpc.Server;
using Zilla.EdgeGrpc.Upstream;
using Zilla.ServiceDefaults.Metrics;

namespace Zilla.EdgeGrpc;

internal static class GrpcEdge
{
    /// <summary>
    /// Bytes of a request that may be on their way while nobody reads them. Clients that are handed over share a connection, so that it has room for as much of each request that it may have: those that are held
    /// up would hold up the rest otherwise.
    /// </summary>
    private const int StreamWindow = 128 << 10;

    /// <summary>Adds the gRPC edge: its listeners, its bindings, and Kestrel behind them.</summary>
    public static WebApplicationBuilder AddGrpcEdge(this WebApplicationBuilder builder)
    {
        builder.AddEdge<GrpcPlanApplier, GatewayModel>(ServiceNames.EdgeGrpc, GatewayModel.Empty);
        builder.Services.AddListenersHealthCheck(ServiceDefaultsExtensions.UrlsData, (_, _, _, isTls) => isTls ? "https" : "http");
        builder.AddHttpGateway((_, kestrel) => kestrel);
        builder.Services.AddOptions<UpstreamOptions>().Bind(builder.Configuration.GetSection(UpstreamOptions.Section));
        builder.Services.AddOptions<MessageOptions>().Bind(builder.Configuration.GetSection(MessageOptions.Section));
        builder.Services.AddSingleton(services => BudgetOf(services.GetRequiredService<IOptions<MessageOptions>>().Value, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<UpstreamChannels>();
        builder.Services.AddSingleton<GrpcGatewayParts>();
        builder.Services.AddSingleton<HandoverEndpoint>();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<HttpServerOptions>>((kestrel, http) =>
        {
            var limits = kestrel.Limits.Http2;
            limits.InitialStreamWindowSize = StreamWindow;
            limits.InitialConnectionWindowSize = (int)Math.Min((long)StreamWindow * http.Value.MaxStreams, int.MaxValue);
        });
        builder.Services.AddOptions<KafkaGrpcOptions>().Bind(builder.Configuration.GetSection(KafkaGrpcOptions.Section));
        builder.Services.AddSingleton<RemoteCalls>();
        builder.Services.AddHostedService(p => p.GetRequiredService<RemoteCalls>());
        return builder;
    }

    private static MessageBudget BudgetOf(MessageOptions options, TimeProvider time) =>
        new(options.EffectiveMaxBegunBytes, options.EffectiveMaxConnectionBegunBytes) { Pace = new(options.MaxBegunPause, time) };

    /// <summary>Serves what the HTTP edge hands over, at the internal endpoint for gRPC; to services of the suite alone.</summary>
    public static WebApplication MapHandover(this WebApplication app)
    {
        app.Map("{**path}", app.Services.GetRequiredService<HandoverEndpoint>().ServeAsync).RequireChannelKey();
        return app;
    }

    /// <summary>Serves what comes in through the listeners of the plan.</summary>
    public static WebApplication UseGateway(this WebApplication app)
    {
        app.UseMetricsExporters(app.Services.GetRequiredService<PrometheusMetrics>().AnswerAsync);
        app.UseMiddleware<GatewayMiddleware>();

        // Behind it: clients' requests are for none of the service's own endpoints.
        app.UseRouting();
        return app;
    }
}
