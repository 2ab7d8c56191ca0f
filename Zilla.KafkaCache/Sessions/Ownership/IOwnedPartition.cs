namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>
/// A partition of a sessions topic for as long as this replica owns it: nobody else can write to it. All that its sessions write, to whatever topic, goes through
/// it, in transactions of which they share one; and what is in it is read here. For any thread.
/// </summary>
internal interface IOwnedPartition
{
    /// <summary>The sessions topic.</summary>
    string Topic { get; }

    int Partition { get; }

    /// <summary>How many partitions keys are spread over.</summary>
    int Partitions { get; }

    /// <summary>Grows with every owner of the partition.</summary>
    long Epoch { get; }

    /// <summary>Cancelled when the partition is this replica's no longer: nothing can be written any more, and what is in memory of it counts for nothing.</summary>
    CancellationToken Lost { get; }

    /// <summary>
    /// Writes records, all or none; completes when that is durable and <see cref="GetAsync"/> shows it. Calls that come within a few milliseconds share a
    /// transaction, in the order in which they came. Key, value and headers are not copied: they stay as they are until it completes.
    /// </summary>
    /// <param name="records">Not empty. At most <see cref="TransactionRecord.MostPerCommit"/>.</param>
    /// <param name="cancellationToken">Ends the wait, not the write: whether it is written is not known then.</param>
    /// <exception cref="Zilla.Streams.StreamBrokenException">
    /// Nothing was written: CAUSE_INVALID_RECORD (Kafka refuses it), CAUSE_UNKNOWN_TOPIC, CAUSE_NOT_AUTHORIZED, CAUSE_OVERLOADED (too much waits already).
    /// CAUSE_NOT_OWNER: the partition was lost, and whether it was written only the next owner knows.
    /// </exception>
    Task CommitAsync(IReadOnlyList<TransactionRecord> records, CancellationToken cancellationToken);

    /// <summary>The latest record of a key, what was committed just now included; null when there is none, or a tombstone. May read from disk or from Kafka.</summary>
    /// <exception cref="Zilla.Streams.StreamBrokenException">It cannot be read now.</exception>
    ValueTask<StoredRecord?> GetAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken);

    /// <summary>The latest record of every key whose header <c>type</c> is this, tombstones left out. Shows what is there when it begins; later changes may or may not.</summary>
    /// <exception cref="Zilla.Streams.StreamBrokenException">It cannot be read now.</exception>
    IAsyncEnumerable<StoredRecord> ScanAsync(string type, CancellationToken cancellationToken);
}
