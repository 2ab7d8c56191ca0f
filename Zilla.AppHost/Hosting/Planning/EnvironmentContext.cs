using System.Globalization;
using Zilla.AppHost.Hosting.Model;

namespace Zilla.AppHost.Hosting.Planning;

/// <summary>The environment of one instance while it is put together.</summary>
internal sealed class EnvironmentContext(ResourceInstance instance, ApplicationPlan plan)
{
    /// <summary>Every service's variable for the key that it knows the others by.</summary>
    public const string ChannelKey = "Zilla__Channel__Key";

    private readonly Dictionary<string, EnvironmentVariable> _variables = new(StringComparer.Ordinal);

    public ResourceInstance Instance { get; } = instance;

    public IReadOnlyList<EnvironmentVariable> Variables => [.. _variables.Values.OrderBy(v => v.Name, StringComparer.Ordinal)];

    public void Set(string name, string value, bool isSecret = false) => _variables[name] = new EnvironmentVariable(name, value, isSecret);

    public AllocatedEndpoint EndpointOf(Resource resource, string endpoint) => plan.InstancesOf(resource).First().Endpoint(endpoint);

    /// <summary>The address of a Kafka cluster; null if the resource is none, or if the configuration alone knows.</summary>
    public string? BootstrapServers(Resource resource) => plan.BootstrapServers(resource);

    public string ValueOf(ParameterResource parameter) => plan.Placement.Value(parameter);

    /// <summary>Says where another resource is, in the form that Aspire's service discovery reads.</summary>
    public void SetAddresses(Resource source)
    {
        if (plan.BootstrapServers(source) is { } servers)
        {
            Set($"ConnectionStrings__{source.Name}", servers);
            return;
        }

        foreach (var replica in plan.InstancesOf(source))
        {
            foreach (var endpoint in replica.Endpoints)
            {
                Set($"services__{source.Name}__{endpoint.Name}__{replica.Index.ToString(CultureInfo.InvariantCulture)}", endpoint.Url);
            }
        }
    }

    /// <summary>Where the instance itself listens, in the form that Kestrel reads.</summary>
    public void SetOwnEndpoints()
    {
        foreach (var endpoint in Instance.Endpoints.Where(e => e.Kind != EndpointKind.Tcp))
        {
            var section = $"Kestrel__Endpoints__{(endpoint.Kind == EndpointKind.Grpc ? "Grpc" : "Http")}";
            Set($"{section}__Url", endpoint.ListenUrl);
            Set($"{section}__Protocols", endpoint.Kind == EndpointKind.Grpc ? "Http2" : "Http1");
        }
    }
}
