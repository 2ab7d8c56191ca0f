using System.Globalization;
using Zilla.AppHost.Hosting.Arguments;
using Zilla.AppHost.Hosting.Model;

namespace Zilla.AppHost.Hosting.Planning;

/// <summary>The model with everything decided: how many processes, on which ports, with which environment and arguments.</summary>
internal sealed class ApplicationPlan
{
    private readonly Resource? _kafka;

    private ApplicationPlan(IReadOnlyList<Resource> resources, Resource? kafka) => (Resources, _kafka) = (resources, kafka);

    public IReadOnlyList<Resource> Resources { get; }

    public IReadOnlyList<ResourceInstance> Instances { get; private set; } = [];

    /// <exception cref="FormatException"><c>--replicas</c> names a resource that there is not, or that runs once only.</exception>
    public static ApplicationPlan Create(DistributedApplicationBuilder model, PortAllocator ports)
    {
        var options = model.Options;
        Check(model);
        var plan = new ApplicationPlan(model.Resources, model.Kafka);

        // Two passes: every address is known before the first environment is written.
        plan.Instances = [.. model.Resources.OfType<ProcessResource>().SelectMany(resource =>
            Enumerable.Range(0, ReplicasOf(resource, options)).Select(index => new ResourceInstance(resource, index, Allocate(resource, index, ports))))];
        plan.Instances = [.. plan.Instances.Select(instance => instance with
        {
            Environment = plan.EnvironmentOf(instance, options, model.SuiteId),
            Arguments = [.. instance.Resource.All<ArgumentsAnnotation>().SelectMany(a => a.Arguments(instance))],
        })];
        return plan;
    }

    public IEnumerable<ResourceInstance> InstancesOf(Resource resource) => Instances.Where(i => i.Resource == resource);

    /// <summary>The address of a Kafka cluster; null if the resource is none, or if the configuration alone knows.</summary>
    public string? BootstrapServers(Resource resource) => resource switch
    {
        ExternalKafkaResource external => external.BootstrapServers,
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

    private static int ReplicasOf(Resource resource, AppHostOptions options) =>
        options.Replicas.TryGetValue(resource.Name, out var count) ? count : resource.All<ReplicaAnnotation>().LastOrDefault()?.Count ?? 1;

    private static List<AllocatedEndpoint> Allocate(ProcessResource resource, int index, PortAllocator ports) =>
        [.. resource.All<EndpointAnnotation>().Select(e => new AllocatedEndpoint(e.Name, e.Kind, ports.Next(index == 0 ? e.PreferredPort : null)))];

    private IReadOnlyList<EnvironmentVariable> EnvironmentOf(ResourceInstance instance, AppHostOptions options, string suite)
    {
        var context = new EnvironmentContext(instance, this);
        if (instance.Resource is ProjectResource)
        {
            context.SetOwnEndpoints();
            context.Set("Zilla__Instance", instance.Name);
            context.Set("Zilla__Suite", suite);
            context.Set("Zilla__StateDirectory", Path.Combine(options.StateDirectory, instance.Name));
            context.Set("OTEL_SERVICE_NAME", instance.Resource.Name);

            // The dashboard puts service name and instance id together, and finds the resource of that name.
            context.Set("OTEL_RESOURCE_ATTRIBUTES", $"service.instance.id={instance.Index.ToString(CultureInfo.InvariantCulture)}");

            // Long enough for a service to say goodbye, short enough for all of them, one after the other, within ten seconds.
            context.Set("DOTNET_shutdownTimeoutSeconds", "2");
            if (options.KafkaBootstrapServer is null && _kafka is not null && BootstrapServers(_kafka) is { } servers)
            {
                context.Set("KAFKA_BOOTSTRAP_SERVER", servers);
            }
        }

        foreach (var annotation in instance.Resource.All<EnvironmentAnnotation>())
        {
            annotation.Apply(context);
        }

        return context.Variables;
    }
}
