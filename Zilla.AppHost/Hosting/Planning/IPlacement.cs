using Zilla.AppHost.Hosting.Model;

namespace Zilla.AppHost.Hosting.Planning;

/// <summary>Where the instances of a plan run: decides what they are told of addresses, names and values.</summary>
internal interface IPlacement
{
    /// <summary>How many instances the plan has of a resource.</summary>
    int InstancesOf(ProcessResource resource);

    AllocatedEndpoint Allocate(ProcessResource resource, int index, EndpointAnnotation endpoint);

    string Value(ParameterResource parameter);

    /// <summary>The address of a cluster that is none of ours; null where the configuration alone knows.</summary>
    string? BootstrapServers(ExternalKafkaResource kafka);

    /// <summary>Tells a service who it is and where its things are.</summary>
    void Introduce(EnvironmentContext context);
}
