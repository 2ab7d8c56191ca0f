using Zilla.AppHost.Hosting.Arguments;
using Zilla.AppHost.Hosting.Planning;

namespace Zilla.AppHost.Hosting.Publishing;

/// <summary>The model as it is deployed: what all kinds of deployment files are written from.</summary>
internal sealed class Deployment
{
    private Deployment(DistributedApplicationBuilder model, ConfigurationNeeds needs, DeployedPlacement placement)
    {
        (Model, Needs, Placement) = (model, needs, placement);
        Plan = ApplicationPlan.Create(model, placement);
        Services = [.. Plan.Instances.Select(Service)];
    }

    public DistributedApplicationBuilder Model { get; }

    public ConfigurationNeeds Needs { get; }

    public DeployedPlacement Placement { get; }

    public ApplicationPlan Plan { get; }

    public IReadOnlyList<DeployedService> Services { get; }

    /// <summary>Null when the configuration is a URL.</summary>
    public MountedFile? Configuration => Workspace.IsWeb(Model.Options.Config)
        ? null
        : new MountedFile(Model.Options.Config, Path.GetFileName(Model.Options.Config), Secret: false);

    /// <summary>Whether the configuration leaves the cluster to the deployment, and nobody has said yet which.</summary>
    public bool NeedsKafka => Model.Options.Kafka is null && Needs.Environment.Contains(ConfigurationNeeds.BootstrapServer);

    /// <summary>Variables that have to be given where it runs.</summary>
    public IReadOnlyList<string> Secrets =>
    [
        .. Needs.Environment.Where(name => name != ConfigurationNeeds.BootstrapServer),
        .. DeployedPlacement.NamesNoSecret(Model.Options.Config) ? [] : new[] { DeployedPlacement.ConfigurationUrl },
        DeployedPlacement.GivenChannelKey,
    ];

    /// <exception cref="FormatException">A file lies where no container would find it.</exception>
    public static Deployment Create(DistributedApplicationBuilder model, ConfigurationNeeds needs, IDialect dialect) =>
        new(model, needs, new DeployedPlacement(model, needs, dialect));

    /// <summary>Whether a service reads the configuration's file.</summary>
    public bool ReadsConfiguration(DeployedService service) =>
        Configuration is not null && Placement.ReadsConfiguration(service.Instance.Resource);

    private DeployedService Service(ResourceInstance instance)
    {
        var resource = instance.Resource;
        var listeners = Placement.ListenersOf(resource).ToList();
        if (listeners.Count > 0 && Placement.TakesOver(resource))
        {
            // One name cannot stand for what clients reach by one address and the other edge instance by instance.
            throw new FormatException($"{resource.Name} has ports of its own and takes calls of a port that HTTP and gRPC share, which cannot be deployed yet: have gRPC share all of its ports, or none.");
        }

        var role = !Placement.IsScalable(resource) ? ServiceRole.Single : listeners.Count > 0 ? ServiceRole.Edge : ServiceRole.Replicated;
        var files = Needs.Files.Where(file => file.Service == resource.Name).Select(Mount).DistinctBy(file => file.RelativePath);
        return new DeployedService(instance, role, Model.Options.Replicas.TryGetValue(resource.Name, out var count) ? count : null, listeners, [.. files]);
    }

    private MountedFile Mount(NeededFile file)
    {
        var relative = Path.GetRelativePath(Path.GetDirectoryName(Model.Options.Config) ?? "", file.Path).Replace('\\', '/');
        return Configuration is not null && !Path.IsPathRooted(relative) && relative is not ("." or "..") && !relative.StartsWith("../", StringComparison.Ordinal)
            ? new MountedFile(file.Path, relative, file.Secret)
            : throw new FormatException($"{file.Path}, which the configuration names, lies outside of the configuration's folder: move it below, so that containers find it there too.");
    }
}
