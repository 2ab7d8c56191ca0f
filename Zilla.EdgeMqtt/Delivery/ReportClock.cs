using Microsoft.Extensions.Options;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>Has windows that have changed tell their sessions so, once in a while: one timer for all clients of the edge.</summary>
internal sealed class ReportClock : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private HashSet<Window> _changed = [];

    public ReportClock(IOptions<DeliveryOptions> options, TimeProvider time)
    {
        var interval = options.Value.ReportInterval;
        _timer = time.CreateTimer(_ => Report(), null, interval, interval);
    }

    public void Add(Window window)
    {
        lock (_gate)
        {
            _changed.Add(window);
        }
    }

    public void Remove(Window window)
    {
        lock (_gate)
        {
            _changed.Remove(window);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Report()
    {
        HashSet<Window> changed;
        lock (_gate)
        {
            if (_changed.Count == 0)
            {
                return;
            }

            (changed, _changed) = (_changed, []);
        }

        foreach (var window in changed)
        {
            window.Report();
        }
    }
}
