using Microsoft.AspNetCore.Http;
using Zilla.Edge.Http;
using Zilla.EdgeMqtt.Connections;
using Zilla.EdgeMqtt.Server;

namespace Zilla.EdgeMqtt.WebSockets;

/// <summary>
/// A ws server binding, compiled (reference §2.8): a request that upgrades to a WebSocket, and that a route takes, is an MQTT connection from then on (§6); others are
/// refused.
/// </summary>
internal sealed class WebSocketServerModel(IReadOnlyList<WebSocketRouteModel> routes, MqttServerModel? otherwise, MqttParts parts) : IExchangeHandler
{
    private const string Mqtt = "mqtt";

    public async Task HandleAsync(Exchange exchange)
    {
        var sockets = exchange.Context.WebSockets;
        if (!sockets.IsWebSocketRequest)
        {
            exchange.Response.Headers.Upgrade = "websocket";
            await exchange.RejectAsync(StatusCodes.Status426UpgradeRequired, "What is here speaks MQTT over a WebSocket.");
            return;
        }

        if (Find(exchange, sockets.WebSocketRequestedProtocols) is not var (server, protocol))
        {
            await NoRoute.RejectAsync(exchange);
            return;
        }

        // No pings of ours: MQTT has its own.
        using var socket = await sockets.AcceptWebSocketAsync(new WebSocketAcceptContext { SubProtocol = protocol, KeepAliveInterval = TimeSpan.Zero });
        await new MqttConnection(
            new WebSocketConnection(exchange.Context, socket), server, parts,
            current => (current.Find(exchange)?.HandlerOf(exchange) as WebSocketServerModel)?.Find(exchange, sockets.WebSocketRequestedProtocols)?.Server).RunAsync(exchange.Grants);
    }

    /// <summary>Null: no route takes it. The sub-protocol is the one to agree on; null = none.</summary>
    private (MqttServerModel Server, string? Protocol)? Find(Exchange exchange, IList<string> offered)
    {
        foreach (var route in routes)
        {
            if (route.Admits(exchange) && route.TryMatch(exchange, offered, out var protocol))
            {
                return (route.Exit, protocol ?? Default(offered));
            }
        }

        return otherwise is null ? null : (otherwise, Default(offered));
    }

    /// <summary>[MQTT-6.0.0-4] "mqtt" is what a client of MQTT offers.</summary>
    private static string? Default(IList<string> offered) => offered.Contains(Mqtt) ? Mqtt : null;
}
