namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>A record to be written within a transaction.</summary>
/// <param name="Topic">Of Kafka.</param>
/// <param name="Key">Null: none.</param>
/// <param name="Value">Null: a tombstone.</param>
internal sealed record TransactionRecord(string Topic, byte[]? Key, byte[]? Value)
{
    /// <summary>Of one call.</summary>
    public const int MostPerCommit = 1024;

    /// <summary>Null: as Kafka's default partitioner has it with <see cref="PartitionKey"/>.</summary>
    public int? Partition { get; init; }

    /// <summary>Chooses the partition in place of the key; null: the key does.</summary>
    public byte[]? PartitionKey { get; init; }

    /// <summary>In their order; names may repeat, values may be null.</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]?>> Headers { get; init; } = [];

    /// <summary>Milliseconds since the Unix epoch; 0 = now.</summary>
    public long Timestamp { get; init; }

    /// <summary>About what it takes, in bytes.</summary>
    public int Size => 64 + (Key?.Length ?? 0) + (Value?.Length ?? 0) + Headers.Sum(header => header.Key.Length + (header.Value?.Length ?? 0) + 4);

    /// <summary>For a partition that is owned; a null value is a tombstone.</summary>
    public static TransactionRecord In(IOwnedPartition partition, byte[] key, byte[]? value) => new(partition.Topic, key, value) { Partition = partition.Partition };
}

/// <summary>A record as it is in the sessions topic; copied, so that it may be kept.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
/// <param name="Headers">In their order.</param>
/// <param name="Timestamp">Milliseconds since the Unix epoch.</param>
internal sealed record StoredRecord(byte[] Key, byte[] Value, IReadOnlyList<KeyValuePair<string, byte[]?>> Headers, long Timestamp);
