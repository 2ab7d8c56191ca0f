using Zilla.Config.Plans;
using Zilla.Config.Watching;

namespace Zilla.KafkaCache.Clusters;

/// <summary>Serves the clusters that the plan names.</summary>
internal sealed class CachePlanApplier(ClusterRegistry clusters) : IPlanApplier
{
    public Task ApplyAsync(ServicePlan plan, CancellationToken cancellationToken)
    {
        if (plan.CachedClusters.FirstOrDefault(cluster => cluster.Servers.Count == 0) is { } empty)
        {
            throw new PlanRefusedException($"{empty.Name}: no servers");
        }

        return plan.CachedClusters.GroupBy(cluster => cluster.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any()) is { } twice
            ? throw new PlanRefusedException($"{twice.Key} is there twice")
            : clusters.ApplyAsync(plan.CachedClusters);
    }
}
