namespace Zilla.KafkaCache.Sessions;

/// <summary>What falls due when, by name: one timer for all. For any thread.</summary>
internal sealed class DueQueue : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Action<string> _fall;
    private readonly ITimer _timer;
    private readonly PriorityQueue<string, long> _queue = new();
    private readonly Dictionary<string, long> _due = new(StringComparer.Ordinal);
    private long _armed = long.MaxValue;

    /// <param name="time">The clock.</param>
    /// <param name="fall">Called for each that falls due, on the timer's thread.</param>
    public DueQueue(TimeProvider time, Action<string> fall)
    {
        (_time, _fall) = (time, fall);
        _timer = time.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _due.Count;
            }
        }
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <param name="name">Replaces what it had.</param>
    /// <param name="due">Milliseconds since the Unix epoch; <see cref="long.MaxValue"/>: not at all.</param>
    public void Set(string name, long due)
    {
        lock (_gate)
        {
            if (due == long.MaxValue)
            {
                _due.Remove(name);
                return;
            }

            if (_due.GetValueOrDefault(name, long.MaxValue) != due)
            {
                _due[name] = due;
                _queue.Enqueue(name, due);
                Arm();
            }
        }
    }

    /// <summary>As <see cref="Set"/>, unless it is due before that already.</summary>
    public void SetEarlier(string name, long due)
    {
        lock (_gate)
        {
            if (due < _due.GetValueOrDefault(name, long.MaxValue))
            {
                Set(name, due);
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Fire()
    {
        List<string> fallen = [];
        lock (_gate)
        {
            _armed = long.MaxValue;
            while (_queue.TryPeek(out var name, out var due) && due <= Now)
            {
                _queue.Dequeue();

                // Another time was set since: that one counts.
                if (_due.GetValueOrDefault(name, long.MaxValue) == due)
                {
                    _due.Remove(name);
                    fallen.Add(name);
                }
            }

            Arm();
        }

        fallen.ForEach(_fall);
    }

    private void Arm()
    {
        if (_queue.TryPeek(out _, out var next) && next < _armed)
        {
            _armed = next;
            _timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(next - Now, 0, int.MaxValue)), Timeout.InfiniteTimeSpan);
        }
    }
}
