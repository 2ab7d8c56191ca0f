namespace Zilla.Edge.Limits;

/// <summary>Why a request is not served now.</summary>
/// <param name="Limit">What it would exceed.</param>
/// <param name="RetryAfterSeconds">When there will be room for it, if nobody else takes it; at least 1.</param>
public readonly record struct LimitRefusal(RequestLimit Limit, long RetryAfterSeconds);

/// <summary>The limits of http and mqtt servers.</summary>
public enum RequestLimit
{
    Rate,
    RatePerAddress,
    RatePerIdentity,
    ConcurrentRequests,
    EventStreams,
    Clients,
}
