using System.Globalization;
using Zilla.AppHost.Hosting.Model;

namespace Zilla.AppHost.Hosting.Planning;

/// <summary>All instances as processes on this machine, each with loopback ports of its own.</summary>
internal sealed class LocalPlacement(DistributedApplicationBuilder model, PortAllocator ports) : IPlacement
{
    public int InstancesOf(ProcessResource resource) => ApplicationPlan.ReplicasOf(resource, model.Options);

    public AllocatedEndpoint Allocate(ProcessResource resource, int index, EndpointAnnotation endpoint) =>
        new(endpoint.Name, endpoint.Kind, ports.Next(index == 0 ? endpoint.PreferredPort : null));

    public string Value(ParameterResource parameter) => parameter.Value;

    public string? BootstrapServers(ExternalKafkaResource kafka) => kafka.BootstrapServers;

    public void Introduce(EnvironmentContext context)
    {
        var instance = context.Instance;
        context.Set("Zilla__Instance", instance.Name);
        context.Set("Zilla__Suite", model.SuiteId);
        if (instance.Resource != model.Kafka)
        {
            context.Set(EnvironmentContext.ChannelKey, model.ChannelKey, isSecret: true);
        }

        context.Set("Zilla__StateDirectory", Path.Combine(model.Options.StateDirectory, instance.Name));
        context.Set("OTEL_SERVICE_NAME", instance.Resource.Name);

        // The dashboard puts service name and instance id together, and finds the resource of that name.
        context.Set("OTEL_RESOURCE_ATTRIBUTES", $"service.instance.id={instance.Index.ToString(CultureInfo.InvariantCulture)}");

        // Long enough for a service to say goodbye, short enough for all of them, one after the other, within ten seconds.
        context.Set("DOTNET_shutdownTimeoutSeconds", "2");
        if (model.Options.KafkaBootstrapServer is null && model.Kafka is { } kafka && context.BootstrapServers(kafka) is { } servers)
        {
            context.Set("KAFKA_BOOTSTRAP_SERVER", servers);
        }
    }
}
