using System.Diagnostics.Metrics;
using Zilla.KafkaCache.Clusters;

namespace Zilla.KafkaCache.Telemetry;

/// <summary>One measurement for each cluster that is served.</summary>
internal static class ClusterGauges
{
    public static IEnumerable<Measurement<long>> Up(ClusterRegistry clusters) =>
        from cluster in clusters.All
        select new Measurement<long>(cluster.State.Up ? 1 : 0, new KeyValuePair<string, object?>("zilla.cluster", cluster.Name));
}
