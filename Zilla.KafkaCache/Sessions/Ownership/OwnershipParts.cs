namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>What ownership needs of a cluster.</summary>
internal sealed record OwnershipParts
{
    /// <summary>The name of this process, as it says HELLO.</summary>
    public required string Instance { get; init; }

    /// <summary>Beginning of the transactional ids: <c>zilla:namespace-binding</c>.</summary>
    public required string Group { get; init; }

    /// <summary>Makes a producer with a transactional id.</summary>
    public required Func<string, ITransactions> CreateTransactions { get; init; }

    /// <summary>Where a partition ends for who reads what is committed, asked of Kafka.</summary>
    public required Func<string, int, Task<long>> EndOffsetAsync { get; init; }

    public required CacheOptions Options { get; init; }
    public required TimeProvider Time { get; init; }
    public required ILogger Logger { get; init; }
}
