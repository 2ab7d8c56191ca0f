using Zilla.Config.Bindings;
using Zilla.Config.Plans;
using Zilla.Control.Instances;
using Zilla.Control.Publishing;

namespace Zilla.Control.Page;

/// <summary>A service with its instances, as far as they have come with the revision in force.</summary>
/// <param name="Name">One of <see cref="ServiceNames"/>.</param>
/// <param name="Plan">What it is to do; null = nothing is in force.</param>
/// <param name="Instances">Those that have gone included.</param>
internal sealed record ServiceState(string Name, ServicePlan? Plan, IReadOnlyList<InstanceStatus> Instances)
{
    public bool HasWork => Plan is { Listeners.Count: > 0 } or { CachedClusters.Count: > 0 };

    public int Connected => Instances.Count(instance => instance.State != InstanceState.Gone);

    public int InForce => Instances.Count(instance => instance.State == InstanceState.Applied && instance.AppliedRevision == Plan?.Revision);

    /// <summary>Of the page.</summary>
    public string Style => Instances.Any(instance => instance.State == InstanceState.Refused) ? "bad"
        : Connected == 0 ? "gone"
        : InForce < Connected ? "wait"
        : "good";

    public string Text => Style switch
    {
        "bad" => "refused",
        "gone" => "no instance",
        "wait" => "being applied",
        _ => "in force",
    };

    public static IReadOnlyList<ServiceState> All(Publication publication, IReadOnlyList<InstanceStatus> instances) =>
    [
        .. PlanCompiler.Services.Select(service => new ServiceState(
            service, publication.Published?.Plans.GetValueOrDefault(service), [.. instances.Where(instance => instance.Service == service)])),
    ];

    /// <summary>By name of a binding. What the cache's clusters are made of is the cache's; a cache_client is its edge's.</summary>
    public static IReadOnlyDictionary<string, ServiceState> ByBinding(Published published, IReadOnlyList<ServiceState> services)
    {
        var states = new Dictionary<string, ServiceState>(StringComparer.Ordinal);
        foreach (var service in services)
        {
            foreach (var binding in service.Plan?.Bindings ?? [])
            {
                states.TryAdd(binding.Name, service);
            }
        }

        var cache = services.First(service => service.Name == ServiceNames.KafkaCache);
        foreach (var binding in published.Configuration.Bindings.Values.Where(binding => binding is KafkaCacheServerBinding or KafkaClientBinding or TcpClientBinding))
        {
            states.TryAdd(binding.Name, cache);
        }

        return states;
    }
}
