namespace Zilla.Edge.Cache;

/// <summary>What happens to a record of which it is not known whether it was written, because the way to the cache was lost.</summary>
public enum ProduceRetry
{
    /// <summary>It fails, with the cause: at most once.</summary>
    Never,

    /// <summary>It is sent again, before all that came after it, for <see cref="CacheOptions.PipeRetry"/>: at least once, and first occurrences in order.</summary>
    UntilAcknowledged,
}
