using Zilla.Edge.Calls;
using Zilla.EdgeGrpc.Messages;

namespace Zilla.EdgeGrpc.Upstream;

/// <summary>
/// The time that a service has for a call: for all of it, and in which it may do nothing about it while something is asked of it. That is while its answer is waited for and it has everything that will be
/// said, or does not take what is said; neither while there is nothing to say yet, nor while what it has answered waits to be written.
/// </summary>
/// <remarks><code>
/// said by the caller   m1 · · · · · · m2 end
/// said by the service        a1                     a2 · · · · given up
/// counts as silence                      ├──────────┤├──────────┤
/// </code></remarks>
internal sealed class CallClock : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly TimeSpan _deadline;
    private readonly TimeSpan _idle;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly long _begun;
    private long _since;
    private bool _isAwaited, _isSaying, _isAllSaid, _isOver;

    /// <param name="deadline">From now to the end of the call; null: no end.</param>
    /// <param name="idle">In which it has to do something; null, or not above 0: any time.</param>
    /// <param name="time">The clock.</param>
    public CallClock(TimeSpan? deadline, TimeSpan? idle, TimeProvider time)
    {
        _deadline = Limit(deadline ?? TimeSpan.MaxValue);
        _idle = Limit(idle > TimeSpan.Zero ? idle.Value : TimeSpan.MaxValue);
        (_time, _begun, _since) = (time, time.GetTimestamp(), time.GetTimestamp());
        _timer = time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lock (_gate)
        {
            _timer.Change(Next(), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Cancelled when the time is over.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>How the call ends when it is; null: it is not.</summary>
    public Status? Status { get; private set; }

    /// <summary>It is, since the service did nothing.</summary>
    public bool IsIdle { get; private set; }

    /// <summary>Its next message, or the end of its answer, is waited for.</summary>
    public void Await() => Note(ref _isAwaited, true);

    /// <summary>A message of it has come.</summary>
    public void Come() => Note(ref _isAwaited, false);

    /// <summary>It is told something.</summary>
    public void Say() => Note(ref _isSaying, true);

    /// <summary>It has taken that.</summary>
    public void Said() => Note(ref _isSaying, false);

    /// <summary>It has been told everything.</summary>
    public void SaidAll() => Note(ref _isAllSaid, true);

    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
        }

        _timer.Dispose();
    }

    private bool IsAsked => _isAwaited && (_isSaying || _isAllSaid);

    private void Note(ref bool what, bool value)
    {
        lock (_gate)
        {
            (what, _since) = (value, _time.GetTimestamp());
        }
    }

    /// <summary>How the call ends if its time is over; null: it is not. Messages do not set the timer, which would be work for each: it looks what has been since.</summary>
    public Status? Look()
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return Status;
            }

            if (Left(_deadline, _begun) <= TimeSpan.Zero)
            {
                Status = new(StatusCode.DeadlineExceeded, $"The service has not answered within the {_deadline} that the call has (grpc-timeout).");
            }
            else if (IsAsked && Left(_idle, _since) <= TimeSpan.Zero)
            {
                (IsIdle, Status) = (true, new(StatusCode.DeadlineExceeded, $"The service has done nothing about the call for {_idle} (Zilla:Edge:Grpc:Work:IdleTimeout)."));
            }
            else
            {
                _timer.Change(Next(), Timeout.InfiniteTimeSpan);
                return null;
            }

            _isOver = true;
        }

        _ended.Cancel();
        return Status;
    }

    /// <summary>What no timer can hold is no limit.</summary>
    private static TimeSpan Limit(TimeSpan given) => CallTimeout.ForTimer(given) == given ? given : TimeSpan.MaxValue;

    /// <summary>Until there is something to look at; never less than nothing, which a timer does not take.</summary>
    private TimeSpan Next()
    {
        var (toEnd, toSilence) = (Left(_deadline, _begun), IsAsked ? Left(_idle, _since) : _idle);
        var next = toEnd < toSilence ? toEnd : toSilence;
        return next == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : next > TimeSpan.Zero ? next : TimeSpan.Zero;
    }

    private TimeSpan Left(TimeSpan limit, long since) => limit == TimeSpan.MaxValue ? limit : limit - _time.GetElapsedTime(since);
}
