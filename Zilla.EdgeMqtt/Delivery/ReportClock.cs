using Microsoft.Extensions.Options;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// Has windows that have changed tell their sessions so, once in a while, and cursors that nothing is for follow the feed, once in a longer while, each at its own time: one timer for all
/// clients of the edge.
/// </summary>
internal sealed class ReportClock : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private readonly HashSet<TopicCursor>[] _cursors;
    private HashSet<Window> _changed = [];
    private int _tick;

    public ReportClock(IOptions<DeliveryOptions> options, TimeProvider time)
    {
        var interval = options.Value.ReportInterval;
        _cursors = [.. Enumerable.Range(0, Math.Max(1, (int)(options.Value.QuietInterval / interval))).Select(_ => new HashSet<TopicCursor>())];
        _timer = time.CreateTimer(_ => Tick(), null, interval, interval);
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

    public void Add(TopicCursor cursor)
    {
        lock (_gate)
        {
            Slot(cursor).Add(cursor);
        }
    }

    public void Remove(TopicCursor cursor)
    {
        lock (_gate)
        {
            Slot(cursor).Remove(cursor);
        }
    }

    public void Dispose() => _timer.Dispose();

    private HashSet<TopicCursor> Slot(TopicCursor cursor) => _cursors[(uint)cursor.GetHashCode() % _cursors.Length];

    private void Tick()
    {
        TopicCursor[] quiet;
        lock (_gate)
        {
            quiet = [.. _cursors[_tick]];
            _tick = (_tick + 1) % _cursors.Length;
        }

        foreach (var cursor in quiet)
        {
            cursor.Mark();
        }

        Report();
    }

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
