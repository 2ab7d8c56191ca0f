using Zilla.AppHost.Hosting.Publishing.Yaml;

namespace Zilla.AppHost.Hosting.Publishing.Kubernetes;

/// <summary>The objects that run a service.</summary>
internal static class KubernetesObjects
{
    /// <summary>The metric of Zilla.Edge (<c>zilla.edge.connections</c>) under the name that Prometheus gives it.</summary>
    public const string ConnectionsMetric = "zilla_edge_connections";

    private const int Replicas = 2;

    public static IEnumerable<YamlMap> Of(DeployedService service, bool readsConfiguration) => service.Role switch
    {
        ServiceRole.Edge => [Deployment(service, readsConfiguration), EdgeService(service), Autoscaler(service), Disruption(service), Policy(service)],
        ServiceRole.Replicated => [StatefulSet(service, readsConfiguration), InternalService(service, headless: true), Disruption(service), Policy(service)],
        _ => [Deployment(service, readsConfiguration), InternalService(service, headless: false), Policy(service)],
    };

    public static YamlMap Object(string apiVersion, string kind, string name, YamlMap labels, YamlMap spec) => new()
    {
        { "apiVersion", apiVersion },
        { "kind", kind },
        { "metadata", new YamlMap { { "name", name }, { "labels", labels } } },
        { "spec", spec },
    };

    /// <summary>An edge's count is the autoscaler's. What runs once never runs twice, not even while it is replaced.</summary>
    private static YamlMap Deployment(DeployedService service, bool readsConfiguration) => Object("apps/v1", "Deployment", service.Name, Labels.Of(service), new YamlMap
    {
        { "replicas", service.Role == ServiceRole.Single ? 1 : null },
        { "strategy", service.Role == ServiceRole.Single
            ? new YamlMap { { "type", "Recreate" } }
            : new YamlMap { { "type", "RollingUpdate" }, { "rollingUpdate", new YamlMap { { "maxUnavailable", 0 }, { "maxSurge", 1 } } } } },
        { "selector", Selector(service) },
        { "template", PodTemplate.Of(service, readsConfiguration) },
    });

    private static YamlMap StatefulSet(DeployedService service, bool readsConfiguration) => Object("apps/v1", "StatefulSet", service.Name, Labels.Of(service), new YamlMap
    {
        { "replicas", service.Replicas ?? Replicas },
        { "serviceName", service.Name },
        { "podManagementPolicy", "Parallel" },
        { "selector", Selector(service) },
        { "template", PodTemplate.Of(service, readsConfiguration) },
    });

    private static YamlMap EdgeService(DeployedService service) => Object("v1", "Service", service.Name, Labels.Of(service), new YamlMap
    {
        { "type", "LoadBalancer" },
        { "selector", Labels.Selecting(service) },
        { "ports", ServicePorts(Ports.External(service)) },
    });

    private static YamlMap InternalService(DeployedService service, bool headless) => Object("v1", "Service", service.Name, Labels.Of(service), new YamlMap
    {
        { "clusterIP", headless ? "None" : null },
        { "selector", Labels.Selecting(service) },
        { "ports", ServicePorts(Ports.Internal(service)) },
    });

    private static YamlMap Autoscaler(DeployedService service)
    {
        var least = service.Replicas ?? Replicas;
        return Object("autoscaling/v2", "HorizontalPodAutoscaler", service.Name, Labels.Of(service), new YamlMap
        {
            { "scaleTargetRef", new YamlMap { { "apiVersion", "apps/v1" }, { "kind", "Deployment" }, { "name", service.Name } } },
            { "minReplicas", least },
            { "maxReplicas", least * 5 },
            { "metrics", new[]
            {
                new YamlMap
                {
                    { "type", "Resource" },
                    { "resource", new YamlMap { { "name", "cpu" }, { "target", new YamlMap { { "type", "Utilization" }, { "averageUtilization", 70 } } } } },
                },
                new YamlMap
                {
                    { "type", "Pods" },
                    { "pods", new YamlMap
                    {
                        { "metric", new YamlMap { { "name", ConnectionsMetric } } },
                        { "target", new YamlMap { { "type", "AverageValue" }, { "averageValue", "10000" } } },
                    } },
                },
            } },
        });
    }

    private static YamlMap Disruption(DeployedService service) => Object("policy/v1", "PodDisruptionBudget", service.Name, Labels.Of(service), new YamlMap
    {
        { "maxUnavailable", 1 },
        { "selector", Selector(service) },
    });

    /// <summary>Clients reach listeners only; everything else is for the suite's own pods.</summary>
    private static YamlMap Policy(DeployedService service) => Object("networking.k8s.io/v1", "NetworkPolicy", service.Name, Labels.Of(service), new YamlMap
    {
        { "podSelector", Selector(service) },
        { "policyTypes", new[] { "Ingress" } },
        { "ingress", new[]
        {
            new YamlMap { { "from", new[] { new YamlMap { { "podSelector", new YamlMap { { "matchLabels", Labels.Suite } } } } } }, { "ports", PolicyPorts(Ports.Internal(service)) } },
            new YamlMap { { "ports", PolicyPorts(Ports.External(service)) } },
        }.Take(service.Listeners.Count > 0 ? 2 : 1).ToList() },
    });

    private static YamlMap Selector(DeployedService service) => new() { { "matchLabels", Labels.Selecting(service) } };

    private static List<YamlMap> ServicePorts(IEnumerable<(string Name, int Number)> ports) =>
        [.. ports.Select(port => new YamlMap { { "name", port.Name }, { "port", port.Number }, { "targetPort", port.Name } })];

    private static List<YamlMap> PolicyPorts(IEnumerable<(string Name, int Number)> ports) =>
        [.. ports.Select(port => new YamlMap { { "protocol", "TCP" }, { "port", port.Name } })];
}
