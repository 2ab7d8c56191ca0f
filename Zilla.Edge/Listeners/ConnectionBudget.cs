using Zilla.Edge.Limits;

namespace Zilla.Edge.Listeners;

/// <summary>How many connections a process may have.</summary>
internal sealed class ConnectionBudget(int limit)
{
    private readonly Places _places = new();

    public int Taken => _places.Taken;

    public bool TryTake()
    {
        if (!_places.TryTake(limit))
        {
            return false;
        }

        EdgeTelemetry.Connections.Add(1);
        return true;
    }

    public void Give()
    {
        _places.Give();
        EdgeTelemetry.Connections.Add(-1);
    }
}
