namespace Zilla.AppHost.Hosting.Publishing.Kubernetes;

/// <summary>The ports of a pod, by the names that probes and services know them by.</summary>
internal static class Ports
{
    public static IReadOnlyList<(string Name, int Number)> Of(DeployedService service) => [.. Internal(service), .. External(service)];

    /// <summary>For the rest of the suite.</summary>
    public static IEnumerable<(string Name, int Number)> Internal(DeployedService service) =>
        [.. service.Instance.Endpoints.Select(endpoint => (endpoint.Name, endpoint.Port)), .. service.MetricsPorts.Select(port => (FormattableString.Invariant($"metrics-{port}"), port))];

    /// <summary>For clients.</summary>
    public static IEnumerable<(string Name, int Number)> External(DeployedService service) => service.ListenerPorts.Select(port => (FormattableString.Invariant($"tcp-{port}"), port));
}
