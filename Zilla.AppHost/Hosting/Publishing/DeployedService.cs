using Zilla.AppHost.Hosting.Model;
using Zilla.AppHost.Hosting.Planning;

namespace Zilla.AppHost.Hosting.Publishing;

/// <summary>What a service is to a deployment.</summary>
internal enum ServiceRole
{
    /// <summary>Runs once.</summary>
    Single,

    /// <summary>Clients come to it, whichever replica they meet.</summary>
    Edge,

    /// <summary>Other services know each of its replicas.</summary>
    Replicated,
}

/// <summary>A service of the plan with what its containers need.</summary>
/// <param name="Instance">Stands for all replicas.</param>
/// <param name="Role">Decides how it is run.</param>
/// <param name="Replicas">What <c>--replicas</c> says; null: nothing.</param>
/// <param name="Listeners">What clients connect to, and what a prometheus exporter serves.</param>
/// <param name="Files">What it reads beside its own files.</param>
internal sealed record DeployedService(ResourceInstance Instance, ServiceRole Role, int? Replicas, IReadOnlyList<NeededListener> Listeners, IReadOnlyList<MountedFile> Files)
{
    public string Name => Instance.Resource.Name;

    /// <summary>Also the <c>ContainerRepository</c> of its project.</summary>
    public string Image => $"zilla/{Name}";

    public IReadOnlyList<int> ListenerPorts => Ports(ofClients: true);

    /// <summary>Of prometheus exporters.</summary>
    public IReadOnlyList<int> MetricsPorts => Ports(ofClients: false);

    /// <summary>Ports that only root may open where nothing says otherwise.</summary>
    public bool HasPrivilegedPorts => Listeners.SelectMany(listener => listener.Ports).Any(port => port < 1024);

    private List<int> Ports(bool ofClients) => [.. Listeners.Where(listener => listener.Internal != ofClients).SelectMany(listener => listener.Ports).Distinct().Order()];

    public AllocatedEndpoint Health => Instance.Endpoints.First(endpoint => endpoint.Kind == EndpointKind.Http);
}
