using System.Threading.Tasks.Sources;
using Zilla.Streams.FlowControl;
using Zilla.Streams.Frames;

namespace Zilla.Streams.Lanes;

internal enum InboxOutcome
{
    Queued,

    /// <summary>Nobody reads any more: dropped.</summary>
    Dropped,

    /// <summary>The peer sent beyond its credit.</summary>
    Overdrawn,

    /// <summary>Queued, but the process holds more than it should: call <see cref="BufferBudget.Shed"/>.</summary>
    OverBudget,
}

/// <summary>
/// Frames that have arrived on one stream and are not yet read, bounded by its credit. The lane's reader loop puts in, the stream's one reader takes out; neither ever waits for the other's
/// work. A reader that waits is woken once for what it waits for.
/// </summary>
internal sealed class Inbox(LaneStream owner, int window, BufferBudget budget) : IValueTaskSource<StreamFrame>, IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private ReceiveCredit _credit = new(window);
    private FrameRing _frames = new();
    private Backlog _backlog = new(budget);

    private bool _ended;
    private bool _endRead;
    private bool _challenged;
    private StreamBrokenException? _fault;

    private bool _waiting;
    private bool _wakeDue;
    private ManualResetValueTaskSourceCore<bool> _signal = new() { RunContinuationsAsynchronously = true };
    private OperationCanceledException? _cancelled;
    private CancellationTokenRegistration _cancellation;

    /// <summary>What the budget knows of this stream's backlog, in bytes.</summary>
    public int Reported => _backlog.Reported;

    /// <summary>Queues a frame. With <paramref name="wakes"/> a reader waits for it: call <see cref="WakeReader"/> once the batch is taken apart. Said once, of the first frame.</summary>
    public InboxOutcome Put(in StreamFrame frame, out bool wakes)
    {
        var costly = frame.Kind is FrameKind.Data or FrameKind.Flush;
        var within = true;
        wakes = false;
        lock (_gate)
        {
            if (_fault is not null || _ended || (frame.Kind == FrameKind.Challenge && _challenged))
            {
                return InboxOutcome.Dropped;
            }

            if (costly)
            {
                var cost = CostOf(frame);
                if (!_credit.TryReceive(cost))
                {
                    return InboxOutcome.Overdrawn;
                }

                within = _backlog.Add(cost);
            }

            _ended = frame.Kind == FrameKind.End;
            _challenged |= frame.Kind == FrameKind.Challenge;
            _frames.Enqueue(frame);
            wakes = _waiting && !_wakeDue;
            _wakeDue |= wakes;
        }

        return within ? InboxOutcome.Queued : InboxOutcome.OverBudget;
    }

    /// <summary>
    /// Has a waiting reader go on, who then finds all that one batch brought. Not one who has been woken since by something else, has read all of that and waits again: it would
    /// find nothing.
    /// </summary>
    public void WakeReader()
    {
        lock (_gate)
        {
            if (_wakeDue)
            {
                Wake();
            }
        }
    }

    /// <summary>What is queued is still read, and then the reader gets the fault. With <paramref name="discard"/> at once.</summary>
    public void Break(StreamBrokenException fault, bool discard)
    {
        lock (_gate)
        {
            if (_ended && !discard)
            {
                return; // The peer's direction is whole.
            }

            _fault ??= fault;
            if (discard)
            {
                _frames.Clear();
                _backlog.Clear();
            }

            Wake();
        }
    }

    /// <summary>Takes the next frame, if there is one, and gives its credit back to the peer.</summary>
    public bool TryTake(out StreamFrame frame)
    {
        int due;
        lock (_gate)
        {
            if (!TryTakeLocked(out frame, out due))
            {
                return false;
            }
        }

        if (due > 0)
        {
            owner.GiveCredit(due);
        }

        return true;
    }

    /// <summary>Takes the next frame when there is one.</summary>
    public ValueTask<StreamFrame> WaitAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_waiting)
            {
                throw new InvalidOperationException("A read is already waiting on this stream.");
            }

            _signal.Reset();
            if (_frames.Count > 0 || _fault is not null)
            {
                _signal.SetResult(true);
            }
            else
            {
                _waiting = true;

                // Most streams of a lane with many wait most of the time: they do without.
                _frames.GiveBack();
            }
        }

        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(static (inbox, token) => ((Inbox)inbox!).Cancel(token), this);
        }

        return new(this, _signal.Version);
    }

    StreamFrame IValueTaskSource<StreamFrame>.GetResult(short token)
    {
        _cancellation.Dispose();
        _cancellation = default;
        _signal.GetResult(token);
        return TryTake(out var frame) ? frame : throw new InvalidOperationException("Two reads at a time on one stream.");
    }

    ValueTaskSourceStatus IValueTaskSource<StreamFrame>.GetStatus(short token) => _signal.GetStatus(token);

    void IValueTaskSource<StreamFrame>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, flags);

    private bool TryTakeLocked(out StreamFrame frame, out int due)
    {
        due = 0;
        frame = default;
        if (_frames.Count == 0)
        {
            return _fault is not null ? throw _fault.Again()
                : _endRead ? throw new InvalidOperationException("The stream was read to its END.")
                : false;
        }

        frame = _frames.Dequeue();
        _endRead = frame.Kind == FrameKind.End;
        _challenged &= frame.Kind != FrameKind.Challenge;
        if (frame.Kind is FrameKind.Data or FrameKind.Flush)
        {
            var cost = CostOf(frame);
            _backlog.Take(cost);
            due = _credit.Consume(cost);
        }

        return true;
    }

    private int CostOf(in StreamFrame frame) => FrameCost.Of(frame.Payload.Length, frame.Extension.Length, window);

    private void Cancel(CancellationToken token)
    {
        lock (_gate)
        {
            if (_waiting)
            {
                _cancelled = new(token);
                Wake();
            }
        }
    }

    private void Wake()
    {
        _wakeDue = false;
        if (_waiting)
        {
            _waiting = false;

            // In the order of the wakes, and for whatever thread is free: the lane's own has the next batch to take apart.
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Runs the waiting reader on the thread pool. One that has not come to wait yet must not wait anew while this is being said, so both are done under the gate.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        lock (_gate)
        {
            if (_cancelled is { } cancelled)
            {
                _cancelled = null;
                _signal.SetException(cancelled);
            }
            else
            {
                _signal.SetResult(true);
            }
        }
    }
}
