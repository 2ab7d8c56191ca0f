using System.Diagnostics.Metrics;
using Zilla.KafkaCache.Cache.Topics;
using Zilla.KafkaCache.Clusters;

namespace Zilla.KafkaCache.Telemetry;

/// <summary>One measurement a topic that is held.</summary>
internal static class TopicGauges
{
    public static IEnumerable<Measurement<long>> Records(ClusterRegistry clusters) => Each(clusters, topic => topic.Partitions.Sum(partition => partition.HeldRecords));

    public static IEnumerable<Measurement<long>> Bytes(ClusterRegistry clusters) => Each(clusters, topic => topic.Partitions.Sum(partition => partition.HeldBytes));

    public static IEnumerable<Measurement<long>> Hydrated(ClusterRegistry clusters) => Each(clusters, topic => topic.Hydrated ? 1 : 0);

    public static IEnumerable<Measurement<long>> Lag(ClusterRegistry clusters) => Each(clusters, topic => topic.Partitions.Sum(partition => partition.Lag));

    private static IEnumerable<Measurement<long>> Each(ClusterRegistry clusters, Func<TopicCache, long> measure) =>
        from cluster in clusters.All
        from topic in cluster.Topics.Topics
        select new Measurement<long>(measure(topic), new("zilla.cluster", cluster.Name), new("messaging.destination.name", topic.Name));
}
