using Zilla.Config.Bindings;

namespace Zilla.Edge.Limits;

/// <summary>
/// A token bucket's arithmetic (as GCRA, ITU-T I.371). A bucket is a single number: the time at which it will be full again. One that has never been
/// used, or is full, is any time in the past.
/// </summary>
/// <remarks>Times are timestamps of the service's clock. An hour times a million tokens in ns stays far below 2^63.</remarks>
internal readonly struct Rate
{
    private readonly long _perToken;
    private readonly long _whole;

    public Rate(RateLimit limit, TimeProvider time)
    {
        _perToken = Math.Max(1, (long)(limit.Per.TotalSeconds * time.TimestampFrequency / limit.Requests));
        _whole = _perToken * (limit.Burst ?? limit.Requests);
    }

    /// <summary>Takes a token if there is one.</summary>
    /// <param name="full">The bucket.</param>
    /// <param name="now">The time.</param>
    /// <param name="wait">After which there will be one; 0 if there is.</param>
    public bool TryTake(ref long full, long now, out long wait)
    {
        // Never more than empty: the bucket may have been filled by another, larger measure.
        full = Math.Clamp(full, now, now + _whole);
        wait = Math.Max(0, full + _perToken - _whole - now);
        if (wait > 0)
        {
            return false;
        }

        full += _perToken;
        return true;
    }
}
