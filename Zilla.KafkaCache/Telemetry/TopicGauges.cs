using System.Diagnostics.Metrics;
using Zilla.KafkaCache.Cache.Partitions;
using Zilla.KafkaCache.Cache.Topics;
using Zilla.KafkaCache.Clusters;

namespace Zilla.KafkaCache.Telemetry;

/// <summary>One measurement for each topic that is held, or for each of its partitions.</summary>
internal static class TopicGauges
{
    public static IEnumerable<Measurement<long>> Records(ClusterRegistry clusters) => Each(clusters, topic => topic.Partitions.Sum(partition => partition.HeldRecords));

    public static IEnumerable<Measurement<long>> Bytes(ClusterRegistry clusters) => Each(clusters, topic => topic.Partitions.Sum(partition => partition.HeldBytes));

    public static IEnumerable<Measurement<long>> Hydrated(ClusterRegistry clusters) => Each(clusters, topic => topic.Hydrated ? 1 : 0);

    public static IEnumerable<Measurement<long>> Lag(ClusterRegistry clusters) => Each(clusters, topic => topic.Partitions.Sum(partition => partition.Lag));

    public static IEnumerable<Measurement<long>> PartitionLag(ClusterRegistry clusters) => EachPartition(clusters, partition => partition.Lag);

    public static IEnumerable<Measurement<long>> Offset(ClusterRegistry clusters) => EachPartition(clusters, partition => Math.Max(0, partition.NextOffset));

    private static IEnumerable<Measurement<long>> EachPartition(ClusterRegistry clusters, Func<PartitionLog, long> measure) =>
        from cluster in clusters.All
        from topic in cluster.Topics.Topics
        from partition in topic.Partitions
        select new Measurement<long>(
            measure(partition), new("zilla.cluster", cluster.Name), new("messaging.destination.name", topic.Name), new("messaging.destination.partition.id", partition.Partition));

    private static IEnumerable<Measurement<long>> Each(ClusterRegistry clusters, Func<TopicCache, long> measure) =>
        from cluster in clusters.All
        from topic in cluster.Topics.Topics
        select new Measurement<long>(measure(topic), new("zilla.cluster", cluster.Name), new("messaging.destination.name", topic.Name));
}
