using Zilla.Config.Bindings;
using Zilla.Edge.Http;
using Zilla.Edge.Http.Guards;
using Zilla.Edge.Routing;
using Zilla.EdgeMqtt.Server;

namespace Zilla.EdgeMqtt.WebSockets;

/// <summary>A route of a ws server, compiled; without conditions it takes everything.</summary>
internal sealed class WebSocketRouteModel
{
    private readonly RouteGuard _guard;
    private readonly Condition[] _when;

    /// <exception cref="FormatException">A pattern is malformed.</exception>
    public WebSocketRouteModel(WsRoute route, MqttServerModel exit)
    {
        (_guard, Exit) = (RouteGuard.Compile(route), exit);
        _when = [.. route.When.Select(when => new Condition(
            Pattern(when.Protocol), Pattern(when.Scheme), Pattern(when.Authority), when.Path is { } path ? PathPattern.CompileHttpPath(path) : null))];
    }

    public MqttServerModel Exit { get; }

    public bool Admits(Exchange exchange) => _guard.Admits(exchange);

    /// <param name="exchange">The request.</param>
    /// <param name="offered">Sub-protocols, in the client's order of preference.</param>
    /// <param name="protocol">The one that the route asks for; null: it does not ask.</param>
    public bool TryMatch(Exchange exchange, IList<string> offered, out string? protocol)
    {
        protocol = null;
        foreach (var when in _when)
        {
            protocol = when.Protocol is null ? null : offered.FirstOrDefault(when.Protocol.IsMatch);
            if ((when.Protocol is null || protocol is not null)
                && when.Scheme?.IsMatch(exchange.Request.Scheme) != false && when.Authority?.IsMatch(exchange.Request.Host.Value ?? "") != false
                && when.Path?.IsMatch(exchange.Path) != false)
            {
                return true;
            }
        }

        return _when.Length == 0;
    }

    private static PathPattern? Pattern(string? text) => text is null ? null : PathPattern.Compile(text);

    private sealed record Condition(PathPattern? Protocol, PathPattern? Scheme, PathPattern? Authority, PathPattern? Path);
}
