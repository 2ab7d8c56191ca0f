namespace Zilla.DevKafka.Transactions;

/// <summary>Bounds of transactions; defaults are Apache Kafka's.</summary>
internal sealed record TransactionOptions(TimeProvider Time)
{
    /// <summary>The longest transaction a producer may ask for (<c>transaction.max.timeout.ms</c>). Default 15 minutes.</summary>
    public TimeSpan MaximumTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a transactional id that is not used is remembered (<c>transactional.id.expiration.ms</c>). Default 7 days.</summary>
    public TimeSpan IdExpiry { get; init; } = TimeSpan.FromDays(7);

    /// <summary>When to try again to write markers that could not be written, e.g. for a full disk. Default 1 s.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();
}
