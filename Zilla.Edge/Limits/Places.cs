namespace Zilla.Edge.Limits;

/// <summary>How many are taken, and whether one more may be: the limit is whatever it is at the time.</summary>
internal sealed class Places
{
    private int _taken;

    public int Taken => Volatile.Read(ref _taken);

    /// <param name="limit">Null: none.</param>
    public bool TryTake(int? limit)
    {
        if (Interlocked.Increment(ref _taken) <= (limit ?? int.MaxValue))
        {
            return true;
        }

        Give();
        return false;
    }

    public void Give() => Interlocked.Decrement(ref _taken);
}
