using Zilla.AppHost.Hosting.Publishing.Yaml;

namespace Zilla.AppHost.Hosting.Publishing.Kubernetes;

/// <summary>The pod of a service: one container, not root, nothing writable but its volumes, probed on its own endpoint.</summary>
internal static class PodTemplate
{
    /// <summary>The user <c>app</c> of .NET's images.</summary>
    private const int User = 1654;

    /// <summary>How long an edge goes on as before when it is told to end, until no load balancer sends it anything new.</summary>
    private const int FarewellSeconds = 5;

    public static YamlMap Of(DeployedService service, bool readsConfiguration)
    {
        var volumes = new PodVolumes(service, readsConfiguration);
        return new YamlMap
        {
            { "metadata", new YamlMap { { "labels", Labels.Of(service) } } },
            { "spec", new YamlMap
            {
                { "automountServiceAccountToken", false },
                { "enableServiceLinks", false },
                { "terminationGracePeriodSeconds", FarewellSeconds + DeployedPlacement.ShutdownSeconds + 10 },
                { "securityContext", new YamlMap
                {
                    { "runAsNonRoot", true },
                    { "runAsUser", User },
                    { "runAsGroup", User },
                    { "fsGroup", User },
                    { "seccompProfile", new YamlMap { { "type", "RuntimeDefault" } } },
                    { "sysctls", service.HasPrivilegedPorts ? new[] { new YamlMap { { "name", "net.ipv4.ip_unprivileged_port_start" }, { "value", "0" } } } : null },
                } },
                { "topologySpreadConstraints", service.Role == ServiceRole.Single ? null : new[] { Spread(service) } },
                { "containers", new[] { Container(service, volumes) } },
                { "volumes", volumes.Volumes },
            } },
        };
    }

    private static YamlMap Container(DeployedService service, PodVolumes volumes) => new()
    {
        { "name", service.Name },
        { "image", service.Image },
        { "imagePullPolicy", "IfNotPresent" },
        { "env", PodEnvironment.Of(service.Instance) },
        { "ports", Ports.Of(service).Select(port => new YamlMap { { "name", port.Name }, { "containerPort", port.Number } }).ToList() },
        { "startupProbe", Probe(service, "/healthz", seconds: 2, failures: 30) },
        { "livenessProbe", Probe(service, "/healthz", seconds: 10, failures: 3) },
        { "readinessProbe", Probe(service, "/readyz", seconds: 5, failures: 2) },
        { "lifecycle", service.Role == ServiceRole.Edge ? new YamlMap { { "preStop", new YamlMap { { "sleep", new YamlMap { { "seconds", FarewellSeconds } } } } } } : null },
        { "resources", Resources(ContainerNeeds.Of(service.Role)) },
        { "securityContext", new YamlMap
        {
            { "allowPrivilegeEscalation", false },
            { "readOnlyRootFilesystem", true },
            { "capabilities", new YamlMap { { "drop", new[] { "ALL" } } } },
        } },
        { "volumeMounts", volumes.Mounts },
    };

    private static YamlMap Probe(DeployedService service, string path, int seconds, int failures) => new()
    {
        { "httpGet", new YamlMap { { "path", path }, { "port", service.Health.Name } } },
        { "periodSeconds", seconds },
        { "timeoutSeconds", 2 },
        { "failureThreshold", failures },
    };

    private static YamlMap Resources(ContainerNeeds needs) => new()
    {
        { "requests", new YamlMap { { "cpu", $"{needs.Cpu}m" }, { "memory", $"{needs.MemoryMiB}Mi" } } },
        { "limits", new YamlMap { { "memory", $"{needs.LimitMiB}Mi" } } },
    };

    private static YamlMap Spread(DeployedService service) => new()
    {
        { "maxSkew", 1 },
        { "topologyKey", "kubernetes.io/hostname" },
        { "whenUnsatisfiable", "ScheduleAnyway" },
        { "labelSelector", new YamlMap { { "matchLabels", Labels.Selecting(service) } } },
    };
}
