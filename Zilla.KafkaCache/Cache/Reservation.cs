namespace Zilla.KafkaCache.Cache;

/// <summary>Memory that was reserved for something that somebody reads; given back when disposed, once.</summary>
/// <param name="budget">What it was taken from.</param>
/// <param name="bytes">How much was.</param>
internal sealed class Reservation(MemoryBudget budget, long bytes) : IDisposable
{
    private long _bytes = bytes;

    public bool TryGrow(long bytes)
    {
        if (!budget.TryReserve(bytes))
        {
            return false;
        }

        _bytes += bytes;
        return true;
    }

    public void Dispose() => budget.Release(Interlocked.Exchange(ref _bytes, 0));
}
