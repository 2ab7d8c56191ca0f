using System.Buffers;
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
/// Frames that have arrived on one stream and are not yet read: a ring that its credit bounds. The lane's reader loop puts in, the stream's
/// one reader takes out; neither ever waits for the other's work.
/// </summary>
internal sealed class Inbox(LaneStream owner, int window, BufferBudget budget) : IValueTaskSource<StreamFrame>, IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private ReceiveCredit _credit = new(window);
    private StreamFrame[] _ring = [];
    private int _head;
    private int _count;
    private int _backlog;
    private int _reported;

    private bool _ended;
    private bool _endRead;
    private bool _challenged;
    private StreamBrokenException? _fault;

    private bool _waiting;
    private bool _wakeDue;
    private ManualResetValueTaskSourceCore<bool> _signal;
    private OperationCanceledException? _cancelled;
    private CancellationTokenRegistration _cancellation;

    /// <summary>What the budget knows of this stream's backlog, in bytes.</summary>
    public int Reported => Volatile.Read(ref _reported);

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

                _backlog += cost;
                if (_backlog > _reported + BufferBudget.Step)
                {
                    var more = (_backlog - _reported - 1) / BufferBudget.Step * BufferBudget.Step;
                    _reported += more;
                    within = budget.Reserve(more);
                }
            }

            _ended = frame.Kind == FrameKind.End;
            _challenged |= frame.Kind == FrameKind.Challenge;
            Enqueue(frame);
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
                Discard();
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
            if (_count > 0 || _fault is not null)
            {
                _signal.SetResult(true);
            }
            else
            {
                _waiting = true;

                // Most streams of a lane with many wait most of the time: they do without.
                ReturnRing(clear: false);
                (_ring, _head) = ([], 0);
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
        if (_count == 0)
        {
            return _fault is not null ? throw _fault.Again()
                : _endRead ? throw new InvalidOperationException("The stream was read to its END.")
                : false;
        }

        frame = Dequeue();
        _endRead = frame.Kind == FrameKind.End;
        _challenged &= frame.Kind != FrameKind.Challenge;
        if (frame.Kind is FrameKind.Data or FrameKind.Flush)
        {
            var cost = CostOf(frame);
            _backlog -= cost;
            due = _credit.Consume(cost);
            if (_reported > 0 && _backlog < _reported / 2)
            {
                Release();
            }
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

    /// <summary>Runs the waiting reader on the thread pool; it does not wait again before.</summary>
    void IThreadPoolWorkItem.Execute()
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

    private void Enqueue(in StreamFrame frame)
    {
        if (_count == _ring.Length)
        {
            var larger = ArrayPool<StreamFrame>.Shared.Rent(Math.Max(8, _count * 2));
            _ring.AsSpan(_head).CopyTo(larger);
            _ring.AsSpan(0, _head).CopyTo(larger.AsSpan(_ring.Length - _head));
            ReturnRing(clear: true);
            (_ring, _head) = (larger, 0);
        }

        var tail = _head + _count++;
        _ring[tail < _ring.Length ? tail : tail - _ring.Length] = frame;
    }

    private StreamFrame Dequeue()
    {
        ref var slot = ref _ring[_head];
        var frame = slot;
        slot = default;
        _head = _head + 1 == _ring.Length ? 0 : _head + 1;
        if (--_count == 0 && _ring.Length > 64)
        {
            // A stream that was behind once does not keep the room for it.
            ReturnRing(clear: false);
            (_ring, _head) = ([], 0);
        }

        return frame;
    }

    private void Discard()
    {
        ReturnRing(clear: true);
        (_ring, _head, _count, _backlog) = ([], 0, 0, 0);
        Release();
    }

    private void ReturnRing(bool clear)
    {
        if (_ring.Length > 0)
        {
            ArrayPool<StreamFrame>.Shared.Return(_ring, clear);
        }
    }

    private void Release()
    {
        var keep = Math.Max(0, (_backlog - 1) / BufferBudget.Step * BufferBudget.Step);
        budget.Release(_reported - keep);
        _reported = keep;
    }
}
