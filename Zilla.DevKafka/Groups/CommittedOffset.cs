namespace Zilla.DevKafka.Groups;

internal readonly record struct TopicPartition(string Topic, int Partition);

/// <summary>What a group committed for a partition: the offset to read next.</summary>
internal sealed record CommittedOffset(long Offset, int LeaderEpoch, string Metadata, long CommittedAt);
