namespace Zilla.Edge.Listeners;

/// <summary>How many connections a process may have.</summary>
internal sealed class ConnectionBudget(int limit)
{
    private int _taken;

    public int Taken => Volatile.Read(ref _taken);

    public bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= limit)
        {
            EdgeTelemetry.Connections.Add(1);
            return true;
        }

        Interlocked.Decrement(ref _taken);
        return false;
    }

    public void Give()
    {
        Interlocked.Decrement(ref _taken);
        EdgeTelemetry.Connections.Add(-1);
    }
}
