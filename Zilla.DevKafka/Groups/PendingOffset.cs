namespace Zilla.DevKafka.Groups;

/// <summary>Names an offset that a transaction commits when it is committed itself.</summary>
internal readonly record struct PendingOffset(long ProducerId, string Group, TopicPartition Partition);
