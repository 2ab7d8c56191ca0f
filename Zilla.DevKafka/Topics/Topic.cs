using Zilla.DevKafka.Log;

namespace Zilla.DevKafka.Topics;

/// <summary>A topic and its partitions. Replaced as a whole when partitions are added or its configuration changes.</summary>
internal sealed record Topic(string Name, Guid Id, TopicConfig Config, IReadOnlyList<PartitionLog> Partitions)
{
    public PartitionLog? Partition(int index) => index >= 0 && index < Partitions.Count ? Partitions[index] : null;
}
