namespace Zilla.KafkaCache;

/// <summary>Settings of the cache: configuration section <c>Cache</c>, e.g. <c>Cache__MemoryBudget=1073741824</c>.</summary>
internal sealed record CacheOptions
{
    public const string Section = "Cache";

    /// <summary>Bytes that records, their indexes and what is being read may take together; 0 = a quarter of the memory the process may use (the default).</summary>
    public long MemoryBudget { get; init; }

    /// <summary>
    /// Bytes of a file to which records go that memory cannot hold, in <c>Zilla:StateDirectory</c>; 0 = no such file. Default, and where it is negative:
    /// four times the memory, but no more than half of what the disk has free when the service starts.
    /// </summary>
    public long DiskBudget { get; init; } = -1;

    /// <summary>How long a topic is kept after its last reader has gone; default 30 s (reference §4.5).</summary>
    public TimeSpan TopicIdle { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stream waits for a topic that is being filled, default 30 s; then CAUSE_TIMEOUT.</summary>
    public TimeSpan HydrationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stream waits for records of which its client knows that they exist, default 10 s; then CAUSE_TIMEOUT.</summary>
    public TimeSpan ProgressTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a stream waits for a topic that does not exist, default 1 s; then CAUSE_UNKNOWN_TOPIC.</summary>
    public TimeSpan UnknownTopicTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long Kafka may take to acknowledge a record, default 10 s; then CAUSE_UNAVAILABLE.</summary>
    public TimeSpan ProduceTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The largest record that is accepted for producing, in bytes; default 8 MiB. The topic's own limit applies as well.</summary>
    public int MaxRecordBytes { get; init; } = 8 << 20;

    /// <summary>Records carry the trace of the request that wrote them, as <c>traceparent</c>; default true. Only requests that are traced have one.</summary>
    public bool TraceHeaders { get; init; } = true;

    /// <summary>How many readers of a cluster read what is not held from Kafka at the same time, default 4; others wait for their turn.</summary>
    public int HistoryReaders { get; init; } = 4;

    /// <summary>How often the cluster is asked for its topics and partitions, default 5 s.</summary>
    public TimeSpan MetadataRefresh { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the stores of vaults are looked at for changes, default 5 s.</summary>
    public TimeSpan VaultPollInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What refused clients are told to wait, default 1 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long records that were handed to the Kafka client may still take when the service stops, default 3 s.</summary>
    public TimeSpan FlushTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>After which silence of a replica its sessions go to others, default 6 s, which is the least that Kafka allows unless it is told otherwise.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>How long a replica may still write for sessions that are to be another's, default 3 s.</summary>
    public TimeSpan SessionRelease { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Calls in topics (kafka-grpc) that a binding may have begun and not finished here, default 4096; more are not read. Likewise for the next.</summary>
    public int WorkCalls { get; init; } = 4096;

    /// <summary>Bytes of records that such calls may take together, default 64 MiB: all messages of one call fit into it, or it is given up.</summary>
    public long WorkBytes { get; init; } = 64 << 20;

    /// <summary>How long the next message of such a call may take to come, default 5 min; then it is given up. Counts while Kafka answers and all is read that it has.</summary>
    public TimeSpan WorkIdle { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long such a call waits for an edge whose configuration has a route for it, once all that are there have refused it, default 5 min; then it is given up.</summary>
    public TimeSpan WorkUnrouted { get; init; } = TimeSpan.FromMinutes(5);

    public long EffectiveMemoryBudget => MemoryBudget > 0 ? MemoryBudget : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;
}
