using Zilla.Config.Plans;

namespace Zilla.Edge;

/// <summary>The ports of prometheus exporters are listeners like all others: they come and go with the plan, and replicas share them.</summary>
public static class MetricsListener
{
    /// <summary>Stands where other listeners have the name of their tcp server binding; none can have this one.</summary>
    public const string Binding = "prometheus:exporters";

    internal static IEnumerable<ListenerPlan> Of(ServicePlan plan) => plan.Metrics is not { } metrics ? []
        : [new() { Binding = Binding, Host = "0.0.0.0", Ports = [.. metrics.Endpoints.Select(endpoint => endpoint.Port).Distinct()] }];
}
