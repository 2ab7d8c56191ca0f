namespace Zilla.Edge.Cache;

/// <summary>
/// Breaks streams whose opening is not answered in time. All have the same time, so that they are due in the order in which they came: one list
/// and one timer serve them all, where a timer for each would be a good part of what a short read costs.
/// </summary>
internal sealed class OpenDeadlines : IDisposable
{
    private readonly Lock _gate = new();
    private readonly LinkedList<FetchStream> _waiting = new();
    private readonly TimeSpan _allowed;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private bool _armed;

    public OpenDeadlines(TimeSpan allowed, TimeProvider time)
    {
        (_allowed, _time) = (allowed, time);
        _timer = time.CreateTimer(_ => BreakLate(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>From now on <paramref name="stream"/> (a node of no list) has its time.</summary>
    public void Add(LinkedListNode<FetchStream> stream)
    {
        lock (_gate)
        {
            stream.Value.OpenedAt = _time.GetTimestamp();
            _waiting.AddLast(stream);
            if (!_armed)
            {
                _armed = true;
                _timer.Change(_allowed, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>It was answered, or nobody waits for it any more.</summary>
    public void Remove(LinkedListNode<FetchStream> stream)
    {
        lock (_gate)
        {
            if (stream.List is not null)
            {
                _waiting.Remove(stream);
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private void BreakLate()
    {
        List<FetchStream> late = [];
        lock (_gate)
        {
            while (_waiting.First is { } first && Left(first.Value) <= TimeSpan.Zero)
            {
                late.Add(first.Value);
                _waiting.RemoveFirst();
            }

            // Not armed anew with every stream that comes: an idle timer fires once more and finds nothing.
            _armed = _waiting.First is not null;
            if (_waiting.First is { } next)
            {
                _timer.Change(Left(next.Value), Timeout.InfiniteTimeSpan);
            }
        }

        late.ForEach(stream => stream.BreakLate());
    }

    private TimeSpan Left(FetchStream stream) => _allowed - _time.GetElapsedTime(stream.OpenedAt);
}
