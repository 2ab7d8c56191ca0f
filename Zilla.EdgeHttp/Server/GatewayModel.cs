using Zilla.Edge.Listeners;

namespace Zilla.EdgeHttp.Server;

/// <summary>What this edge does at present: per tcp server binding, which http server its ports lead to.</summary>
internal sealed class GatewayModel(IReadOnlyDictionary<string, IReadOnlyList<PortRouteModel>> listeners)
{
    public static GatewayModel Empty { get; } = new(new Dictionary<string, IReadOnlyList<PortRouteModel>>());

    /// <summary>Null: nothing serves that port any more.</summary>
    public HttpServerModel? Find(IListenerFeature listener) =>
        listeners.GetValueOrDefault(listener.Binding)?.FirstOrDefault(route => route.Ports.Count == 0 || route.Ports.Contains(listener.Port))?.Server;
}

/// <summary>No ports: any port.</summary>
internal sealed record PortRouteModel(IReadOnlyList<int> Ports, HttpServerModel Server);
