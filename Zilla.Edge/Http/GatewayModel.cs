using Zilla.Config.Plans;
using Zilla.Edge.Guards.X509;
using Zilla.Edge.Listeners;
using Zilla.Edge.Tls;

namespace Zilla.Edge.Http;

/// <summary>What this edge does at present: per tcp server binding, which http server, or what else, its ports lead to.</summary>
public sealed class GatewayModel(IReadOnlyDictionary<string, IReadOnlyList<PortRouteModel>> listeners)
{
    public static GatewayModel Empty { get; } = new(new Dictionary<string, IReadOnlyList<PortRouteModel>>());

    /// <summary>Where metrics are served; null: nowhere but at the service's own endpoint.</summary>
    public MetricsPlan? Metrics { get; init; }

    /// <summary>What takes requests that another edge has let in and hands over, by the name of the binding.</summary>
    public IReadOnlyDictionary<string, IExchangeHandler> Handovers { get; init; } = new Dictionary<string, IExchangeHandler>();

    /// <summary>Null: nothing serves that port any more, or not to such a connection.</summary>
    public HttpServerModel? Find(Exchange exchange) => Find(exchange.Listener, exchange.Context.Features.Get<ITlsFeature>());

    /// <summary>Whether the bytes of that port's connections are sent back as they are.</summary>
    public bool IsEcho(string binding, int port) => Route(binding, port) is { Plain: null, Tls: null, Other: null, BeginsWithPreamble: false };

    /// <summary>What serves the connections of a port that are not HTTP's; null: nothing does, or not such a connection.</summary>
    /// <param name="listener">Through which it came in.</param>
    /// <param name="tls">Null: without TLS.</param>
    public object? FindOther(IListenerFeature listener, ITlsFeature? tls)
    {
        ArgumentNullException.ThrowIfNull(listener);
        return Route(listener.Binding, listener.Port) switch
        {
            { Tls: { } routes } => tls is null ? null : routes.FindOther(tls, listener.Port),
            { Other: { } other } => other,
            _ => null,
        };
    }

    /// <summary>Whether clients of the port begin with HTTP, be it within TLS.</summary>
    public bool IsHttp(string binding, int port) => Route(binding, port) is { Plain: not null } or { Tls.Servers.Count: > 0 };

    private HttpServerModel? Find(IListenerFeature listener, ITlsFeature? tls) =>
        Route(listener.Binding, listener.Port) switch
        {
            { Tls: { } routes } => tls is null ? null : routes.Find(tls, listener.Port),
            { Plain: { } server } => server,
            _ => null,
        };

    /// <summary>Who says who the clients of that port are, by their certificates; null: nobody.</summary>
    public CertificateGuard? Guard(IListenerFeature listener) => Route(listener.Binding, listener.Port)?.Tls?.Guard;

    private PortRouteModel? Route(string binding, int port)
    {
        var routes = listeners.GetValueOrDefault(binding) ?? [];
        for (var i = 0; i < routes.Count; i++)
        {
            if (routes[i].Ports.Count == 0 || routes[i].Ports.Contains(port))
            {
                return routes[i];
            }
        }

        return null;
    }
}

/// <summary>No ports: any port. Neither server: an echo of the bytes. What is under TLS is not served to a connection without.</summary>
public sealed record PortRouteModel(IReadOnlyList<int> Ports, HttpServerModel? Plain, TlsRouteModel? Tls)
{
    /// <summary>Nothing is served to connections that came without one; the others come in under the name of where it led.</summary>
    public bool BeginsWithPreamble { get; init; }

    /// <summary>What serves in place of an http server; null: there is one, or the echo.</summary>
    public object? Other { get; init; }
}

/// <summary>A tls server's way on to http servers, and to others.</summary>
public sealed record TlsRouteModel(TlsRoutes Routes, CertificateGuard? Guard, IReadOnlyDictionary<string, HttpServerModel> Servers)
{
    public HttpServerModel? Find(ITlsFeature tls, int port) => Routes.Find(tls, port) is { } exit ? Servers.GetValueOrDefault(exit) : null;

    public object? FindOther(ITlsFeature tls, int port) => Routes.Find(tls, port) is { } exit ? Others.GetValueOrDefault(exit) : null;

    /// <summary>By exit, as the http servers are.</summary>
    public IReadOnlyDictionary<string, object> Others { get; init; } = new Dictionary<string, object>();
}
