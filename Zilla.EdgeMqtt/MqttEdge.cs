using Zilla.Config.Plans;
using Zilla.Edge.Http;
using Zilla.EdgeMqtt.Connections;
using Zilla.EdgeMqtt.Server;
using Zilla.EdgeMqtt.Sessions;
using Zilla.ServiceDefaults.Metrics;

namespace Zilla.EdgeMqtt;

internal static class MqttEdge
{
    /// <summary>Adds the MQTT edge: its listeners, its bindings, and Kestrel for clients that come over WebSockets.</summary>
    public static WebApplicationBuilder AddMqttEdge(this WebApplicationBuilder builder)
    {
        builder.AddEdge<MqttPlanApplier, GatewayModel>(ServiceNames.EdgeMqtt, GatewayModel.Empty);
        builder.Services.AddListenersHealthCheck(ServiceDefaultsExtensions.UrlsData, (model, binding, port, isTls) => (model.IsHttp(binding, port), isTls) switch
        {
            (true, true) => "wss",
            (true, false) => "ws",
            (false, true) => "mqtts",
            _ => "mqtt",
        });
        builder.AddHttpGateway((services, kestrel) => ActivatorUtilities.CreateInstance<MqttConnections>(services, kestrel));
        builder.Services.AddOptions<MqttEdgeOptions>().Bind(builder.Configuration.GetSection("Zilla:Edge:Mqtt"));
        builder.Services.AddRemoteSessions();
        builder.Services.AddDeliveries(builder.Configuration);
        builder.Services.AddSingleton<TimerWheel>();
        builder.Services.AddSingleton<OpenConnections>();
        builder.Services.AddSingleton<MqttParts>();
        return builder;
    }

    /// <summary>Serves the WebSockets that come in through the listeners of the plan, and scrapes.</summary>
    public static WebApplication UseGateway(this WebApplication app)
    {
        app.UseMetricsExporters(app.Services.GetRequiredService<PrometheusMetrics>().AnswerAsync);
        app.UseWebSockets();
        app.UseMiddleware<GatewayMiddleware>();
        return app;
    }
}
