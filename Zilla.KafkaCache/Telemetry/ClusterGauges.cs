using System.Diagnostics.Metrics;
using Zilla.KafkaCache.Clusters;

namespace Zilla.KafkaCache.Telemetry;

/// <summary>One measurement for each cluster that is served.</summary>
internal static class ClusterGauges
{
    public static IEnumerable<Measurement<long>> Up(ClusterRegistry clusters) =>
        from cluster in clusters.All
        select new Measurement<long>(cluster.State.Up ? 1 : 0, new KeyValuePair<string, object?>("zilla.cluster", cluster.Name));

    public static IEnumerable<Measurement<long>> OwnedPartitions(ClusterRegistry clusters) =>
        from cluster in clusters.All
        from sessions in cluster.Sessions.Values
        select new Measurement<long>(
            Enumerable.Range(0, sessions.Partitions).Count(partition => sessions.Find(partition) is not null), new("zilla.cluster", cluster.Name), new("messaging.destination.name", sessions.Topic));

    public static IEnumerable<Measurement<long>> WorkPartitions(ClusterRegistry clusters) =>
        from cluster in clusters.All
        from work in cluster.Work.Values
        select new Measurement<long>(work.Partitions, new("zilla.cluster", cluster.Name), new("messaging.consumer.group.name", work.Group));
}
