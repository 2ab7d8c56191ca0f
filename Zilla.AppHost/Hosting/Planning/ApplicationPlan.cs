using Zilla.AppHost.Hosting.Arguments;
using Zilla.AppHost.Hosting.Model;

namespace Zilla.AppHost.Hosting.Planning;

/// <summary>The model with everything decided: how many processes, on which ports, with which environment and arguments.</summary>
internal sealed class ApplicationPlan
{
    private readonly Resource? _kafka;

    private ApplicationPlan(DistributedApplicationBuilder model, IPlacement placement) => (Resources, _kafka, Placement) = (model.Resources, model.Kafka, placement);

    public IReadOnlyList<Resource> Resources { get; }

    public IReadOnlyList<ResourceInstance> Instances { get; private set; } = [];

    /// <summary>Where the instances are.</summary>
    public IPlacement Placement { get; }

    /// <summary>The plan for this machine.</summary>
    /// <exception cref="FormatException"><c>--replicas</c> names a resource that there is not, or that runs once only.</exception>
    public static ApplicationPlan Create(DistributedApplicationBuilder model, PortAllocator ports) => Create(model, new LocalPlacement(model, ports));

    /// <exception cref="FormatException"><c>--replicas</c> names a resource that there is not, or that runs once only.</exception>
    public static ApplicationPlan Create(DistributedApplicationBuilder model, IPlacement placement)
    {
        Check(model);
        var plan = new ApplicationPlan(model, placement);

        // Two passes: every address is known before the first environment is written.
        plan.Instances = [.. model.Resources.OfType<ProcessResource>().SelectMany(resource =>
            Enumerable.Range(0, placement.InstancesOf(resource)).Select(index => new ResourceInstance(resource, index, Allocate(resource, index, placement))))];
        plan.Instances = [.. plan.Instances.Select(instance => instance with
        {
            Environment = plan.EnvironmentOf(instance),
            Arguments = [.. instance.Resource.All<ArgumentsAnnotation>().SelectMany(a => a.Arguments(instance))],
        })];
        return plan;
    }

    public IEnumerable<ResourceInstance> InstancesOf(Resource resource) => Instances.Where(i => i.Resource == resource);

    /// <summary>The address of a Kafka cluster; null if the resource is none, or if the configuration alone knows.</summary>
    public string? BootstrapServers(Resource resource) => resource switch
    {
        ExternalKafkaResource external => Placement.BootstrapServers(external),
        _ when resource == _kafka => $"127.0.0.1:{InstancesOf(resource).First().Endpoint("tcp").Port}",
        _ => null,
    };

    public static void Check(DistributedApplicationBuilder model)
    {
        foreach (var name in model.Options.Replicas.Keys)
        {
            var scalable = string.Join(", ", model.Resources.Where(r => r.All<ReplicaAnnotation>().Any()).Select(r => r.Name));
            if (model.Resources.FirstOrDefault(r => r.Name == name) is not { } resource)
            {
                throw new FormatException($"--replicas: there is no resource '{name}'; these can be told how often to run: {scalable}.");
            }

            if (!resource.All<ReplicaAnnotation>().Any())
            {
                throw new FormatException($"--replicas: {name} runs once only; these can be told how often to run: {scalable}.");
            }
        }
    }

    /// <summary>How often a resource is to run: what <c>--replicas</c> says, else what the model does.</summary>
    public static int ReplicasOf(Resource resource, AppHostOptions options) =>
        options.Replicas.TryGetValue(resource.Name, out var count) ? count : resource.All<ReplicaAnnotation>().LastOrDefault()?.Count ?? 1;

    private static List<AllocatedEndpoint> Allocate(ProcessResource resource, int index, IPlacement placement) =>
        [.. resource.All<EndpointAnnotation>().Select(endpoint => placement.Allocate(resource, index, endpoint))];

    private IReadOnlyList<EnvironmentVariable> EnvironmentOf(ResourceInstance instance)
    {
        var context = new EnvironmentContext(instance, this);
        if (instance.Resource is ProjectResource)
        {
            context.SetOwnEndpoints();
            Placement.Introduce(context);
        }

        foreach (var annotation in instance.Resource.All<EnvironmentAnnotation>())
        {
            annotation.Apply(context);
        }

        return context.Variables;
    }
}
