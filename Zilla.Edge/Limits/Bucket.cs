namespace Zilla.Edge.Limits;

/// <summary>One bucket that everybody takes from.</summary>
internal sealed class Bucket
{
    private long _full;

    /// <inheritdoc cref="Rate.TryTake"/>
    public bool TryTake(in Rate rate, long now, out long wait)
    {
        while (true)
        {
            var before = Volatile.Read(ref _full);
            var after = before;
            var taken = rate.TryTake(ref after, now, out wait);
            if (Interlocked.CompareExchange(ref _full, after, before) == before)
            {
                return taken;
            }
        }
    }
}
