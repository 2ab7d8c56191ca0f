using System.Net;
using Microsoft.Extensions.Options;
using Zilla.Config.Plans;
using Zilla.Edge.Http;
using Zilla.EdgeHttp.Echo;
using Zilla.EdgeHttp.Handover;
using Zilla.EdgeHttp.Server;
using Zilla.EdgeHttp.Sse;
using Zilla.ServiceDefaults;
using Zilla.ServiceDefaults.Metrics;

namespace Zilla.EdgeHttp;

internal static class HttpEdge
{
    /// <summary>Adds the HTTP edge: its listeners, its bindings, and Kestrel behind them.</summary>
    public static WebApplicationBuilder AddHttpEdge(this WebApplicationBuilder builder)
    {
        builder.AddEdge<HttpPlanApplier, GatewayModel>(ServiceNames.EdgeHttp, GatewayModel.Empty);
        builder.Services.AddListenersHealthCheck(
            ServiceDefaultsExtensions.UrlsData, (model, binding, port, isTls) => isTls ? "https" : model.IsEcho(binding, port) ? "tcp" : "http");
        builder.AddHttpGateway((services, kestrel) => ActivatorUtilities.CreateInstance<EchoConnections>(services, kestrel));
        builder.Services.AddOptions<HttpEdgeOptions>().Bind(builder.Configuration.GetSection(HttpServerOptions.Section));
        builder.Services.AddSingleton<OpenStreams>();
        builder.Services.AddSingleton(services => new GrpcEdge(
            new GrpcInstances(builder.Configuration.GetServiceAddresses(ServiceNames.EdgeGrpc, "grpc"), Dns.GetHostAddressesAsync, services.GetRequiredService<TimeProvider>()),
            new HeadLimits(services.GetRequiredService<IOptions<HttpServerOptions>>().Value),
            services.GetService<Func<SocketsHttpHandler, HttpMessageHandler>>()));
        builder.Services.AddSingleton<HttpGatewayParts>();
        return builder;
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
