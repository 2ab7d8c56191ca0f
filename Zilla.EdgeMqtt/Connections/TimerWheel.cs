namespace Zilla.EdgeMqtt.Connections;

/// <summary>One timer for all connections, to the second: a connection that lives on costs its place in a list, whatever it waits for.</summary>
/// <remarks>
/// <code>
/// second  0    1    2   …   511
///         │    │    └─▶ entry ⇄ entry        those due at second 2, 514, …: looked at then, called if it is their time
/// </code>
/// </remarks>
internal sealed class TimerWheel : IDisposable
{
    private const int Slots = 512;

    private readonly Lock _gate = new();
    private readonly WheelEntry?[] _slots = new WheelEntry?[Slots];
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly ITimer _timer;
    private long _second;

    public TimerWheel(TimeProvider time)
    {
        (_time, _start) = (time, time.GetTimestamp());
        _timer = time.CreateTimer(static wheel => ((TimerWheel)wheel!).Turn(), this, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>Calls the entry once, not before <paramref name="wait"/> is over and at most a second or two later. A call that was to come earlier still does.</summary>
    public void Schedule(WheelEntry entry, TimeSpan wait)
    {
        var due = (long)Math.Ceiling((_time.GetElapsedTime(_start) + wait).TotalSeconds);
        lock (_gate)
        {
            due = Math.Max(due, _second + 1);
            if (entry.Due != 0)
            {
                if (entry.Due <= due)
                {
                    return;
                }

                Unlink(entry);
            }

            entry.Due = due;
            ref var head = ref _slots[due % Slots];
            entry.Next = head;
            if (head is not null)
            {
                head.Previous = entry;
            }

            head = entry;
        }
    }

    /// <summary>Calls it no more; a call that is being made is not waited for.</summary>
    public void Remove(WheelEntry entry)
    {
        lock (_gate)
        {
            if (entry.Due != 0)
            {
                Unlink(entry);
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Turn()
    {
        var now = (long)_time.GetElapsedTime(_start).TotalSeconds;
        var due = new List<WheelEntry>();
        lock (_gate)
        {
            // After a long pause once around is enough.
            for (var second = Math.Max(_second + 1, now - Slots + 1); second <= now; second++)
            {
                for (var (entry, next) = (_slots[second % Slots], default(WheelEntry)); entry is not null; entry = next)
                {
                    next = entry.Next;
                    if (entry.Due <= now)
                    {
                        Unlink(entry);
                        due.Add(entry);
                    }
                }
            }

            _second = Math.Max(_second, now);
        }

        foreach (var entry in due)
        {
            entry.OnDue();
        }
    }

    private void Unlink(WheelEntry entry)
    {
        if (entry.Previous is { } previous)
        {
            previous.Next = entry.Next;
        }
        else
        {
            _slots[entry.Due % Slots] = entry.Next;
        }

        if (entry.Next is { } next)
        {
            next.Previous = entry.Previous;
        }

        (entry.Previous, entry.Next, entry.Due) = (null, null, 0);
    }
}

/// <summary>What can stand in a <see cref="TimerWheel"/>, in one place at a time.</summary>
internal abstract class WheelEntry
{
    /// <summary>The wheel's: the second, counted from its start; 0: it stands nowhere.</summary>
    internal long Due { get; set; }

    internal WheelEntry? Previous { get; set; }
    internal WheelEntry? Next { get; set; }

    /// <summary>Its time has come. On the wheel's thread: must not wait, nor throw.</summary>
    public abstract void OnDue();
}
