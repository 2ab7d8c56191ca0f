namespace Zilla.Streams.Kafka;

/// <summary>One partition and the offset of the next record to read from it.</summary>
public readonly record struct PartitionOffset(int Partition, long Offset);
