using Zilla.AppHost.Hosting.Model;
using Zilla.AppHost.Hosting.Planning;
using Zilla.AppHost.Hosting.Publishing.Yaml;

namespace Zilla.AppHost.Hosting.Publishing.Compose;

/// <summary>The suite as <c>compose.yaml</c>. Only the ports of edges leave the network of the containers, and only to this machine unless <c>ZILLA_BIND</c> says more.</summary>
internal sealed class ComposeFile(Deployment deployment, ComposeKafka? kafka)
{
    public const string Name = "compose.yaml";

    private const string Comment = """
        Written by `dotnet run --project Zilla.AppHost -- publish`; docs/deployment.md says how to use it.
        ZILLA_REGISTRY and ZILLA_TAG choose the images, ZILLA_BIND the address that clients reach the edges at (127.0.0.1).
        """;

    public string Write() => YamlText.Write(Comment, new YamlMap
    {
        { "name", ProjectName() },
        { "services", Services() },
        { "configs", deployment.Configuration is { } file ? new YamlMap { { file.Key, new YamlMap { { "file", HostPath(file) } } } } : null },
        { "secrets", Secrets() },
        { "volumes", kafka is null ? null : new YamlMap { { ComposeKafka.Volume, new YamlMap() } } },
    });

    /// <summary>Where what is published has a copy of a file.</summary>
    public static string HostPath(MountedFile file) => $"./zilla/{file.RelativePath}";

    private YamlMap Services()
    {
        var services = new YamlMap();
        foreach (var service in deployment.Services)
        {
            services.Add(service.Name, Service(service));
        }

        foreach (var (name, container) in kafka?.Containers() ?? [])
        {
            services.Add(name, container);
        }

        return services;
    }

    private YamlMap Service(DeployedService service) => new()
    {
        { "image", $"${{ZILLA_REGISTRY:-}}{service.Image}:${{ZILLA_TAG:-latest}}" },
        { "environment", Environment(service.Instance) },
        { "ports", service.ListenerPorts.Count > 0 ? service.ListenerPorts.Select(port => FormattableString.Invariant($"${{ZILLA_BIND:-127.0.0.1}}:{port}:{port}")).ToList() : null },
        { "expose", service.MetricsPorts.Count > 0 ? service.MetricsPorts.Select(port => FormattableString.Invariant($"{port}")).ToList() : null },
        { "depends_on", DependsOn(service.Instance.Resource).OrNull() },
        { "configs", deployment.ReadsConfiguration(service) ? new[] { Mount(deployment.Configuration!) } : null },
        { "secrets", service.Files.Any(file => file.Secret) ? service.Files.Where(file => file.Secret).Select(Mount).ToList() : null },
        { "volumes", Volumes(service) },
        { "tmpfs", new[] { "/tmp" } },
        { "read_only", true },
        { "cap_drop", new[] { "ALL" } },
        { "security_opt", new[] { "no-new-privileges:true" } },
        { "sysctls", service.HasPrivilegedPorts ? new YamlMap { { "net.ipv4.ip_unprivileged_port_start", 0 } } : null },
        { "restart", "unless-stopped" },
        { "stop_grace_period", $"{DeployedPlacement.ShutdownSeconds + 10}s" },
        { "deploy", Deploy(service) },
    };

    private static YamlMap Environment(ResourceInstance instance)
    {
        var environment = new YamlMap();
        foreach (var variable in instance.Environment)
        {
            environment.Add(variable.Name, variable.Value);
        }

        return environment;
    }

    private YamlMap DependsOn(Resource resource)
    {
        var dependencies = new YamlMap();
        foreach (var wait in resource.All<WaitAnnotation>().Select(wait => wait.Resource))
        {
            if (deployment.Services.Any(service => service.Instance.Resource == wait))
            {
                // No health check: the images have no program to ask with. Services wait for each other by themselves.
                dependencies.Add(wait.Name, new YamlMap { { "condition", "service_started" } });
            }
            else if (wait is ExternalKafkaResource && kafka is not null)
            {
                dependencies.Add(kafka.Ready.Name, new YamlMap { { "condition", kafka.Ready.Condition } });
            }
        }

        return dependencies;
    }

    private static List<YamlMap> Volumes(DeployedService service) =>
    [
        new YamlMap { { "type", "volume" }, { "target", DeployedPlacement.Home } },
        .. service.Files.Where(file => !file.Secret).Select(file => new YamlMap { { "type", "bind" }, { "source", HostPath(file) }, { "target", file.Target }, { "read_only", true } }),
    ];

    private static YamlMap Deploy(DeployedService service) => new()
    {
        { "replicas", service.Role == ServiceRole.Single ? null : service.Replicas ?? 1 },
        { "resources", new YamlMap { { "limits", new YamlMap { { "memory", $"{ContainerNeeds.Of(service.Role).LimitMiB}M" } } } } },
    };

    private YamlMap? Secrets()
    {
        var secrets = new YamlMap();
        foreach (var file in deployment.Services.SelectMany(service => service.Files).Where(file => file.Secret).DistinctBy(file => file.Key))
        {
            secrets.Add(file.Key, new YamlMap { { "file", HostPath(file) } });
        }

        return secrets.OrNull();
    }

    private static YamlMap Mount(MountedFile file) => new() { { "source", file.Key }, { "target", file.Target } };

    private string ProjectName() => string.Concat("zilla-", string.Concat(deployment.Needs.Namespace.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')));
}
