namespace Zilla.KafkaCache.Cache.Topics;

/// <summary>What of a topic's configuration in Kafka the cache mirrors (reference §4.5).</summary>
internal sealed record TopicPolicy
{
    public static readonly TopicPolicy Default = new();

    /// <summary><c>cleanup.policy</c> contains compact: the latest value per key is kept.</summary>
    public bool Compact { get; init; }

    /// <summary><c>cleanup.policy</c> contains delete: retention applies.</summary>
    public bool Delete { get; init; } = true;

    /// <summary><c>retention.ms</c>; null = unlimited.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary><c>retention.bytes</c> per partition; null = unlimited.</summary>
    public long? RetentionBytes { get; init; }

    /// <summary><c>delete.retention.ms</c>: how long tombstones are kept, counted from their arrival here.</summary>
    public TimeSpan DeleteRetention { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Reads topic configuration entries; what is missing or unreadable keeps its default.</summary>
    public static TopicPolicy From(IReadOnlyDictionary<string, string> entries)
    {
        var cleanup = entries.GetValueOrDefault("cleanup.policy", "delete").Split(',', StringSplitOptions.TrimEntries);
        return new()
        {
            Compact = cleanup.Contains("compact"),
            Delete = cleanup.Contains("delete"),
            Retention = Number("retention.ms") is >= 0 and var retention ? Milliseconds(retention) : null,
            RetentionBytes = Number("retention.bytes") is >= 0 and var bytes ? bytes : null,
            DeleteRetention = Number("delete.retention.ms") is >= 0 and var kept ? Milliseconds(kept) : Default.DeleteRetention,
        };

        long? Number(string name) => entries.TryGetValue(name, out var text) && long.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var value) ? value : null;

        // Kafka allows values beyond what a TimeSpan holds.
        static TimeSpan Milliseconds(long value) => TimeSpan.FromMilliseconds(Math.Min(value, (long)TimeSpan.FromDays(36500).TotalMilliseconds));
    }
}
