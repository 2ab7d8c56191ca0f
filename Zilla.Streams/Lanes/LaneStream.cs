using Zilla.Streams.FlowControl;
using Zilla.Streams.Frames;
using Zilla.Streams.V1;

namespace Zilla.Streams.Lanes;

/// <summary>
/// One stream of a lane. What it sends, and whether its directions are over, is guarded by the lane's gate; what it has received is in its
/// <see cref="Inbox"/>, with a lock of its own. Neither lock is taken inside the other.
/// </summary>
internal sealed class LaneStream : FrameStream
{
    private readonly Lane _lane;
    private readonly LaneSender _sender;
    private readonly Inbox _inbox;
    private readonly bool _isOpener;
    private readonly Begin? _opening;

    private Direction _outbound;
    private Direction _inbound;
    private StreamBrokenException? _stopped;
    private CancellationTokenSource? _broken;
    private bool _isBroken;
    private bool _isHeld;

    public LaneStream(Lane lane, ulong id, Begin opening, bool isOpener)
    {
        _lane = lane;
        _sender = lane.Sender;
        _isOpener = isOpener;
        Id = id;
        _opening = isOpener ? null : opening;
        Credit = new(_sender.StreamCredit);
        _inbox = new(this, lane.Options.StreamCredit, lane.Options.Budget);
        _outbound = isOpener ? Direction.Open : Direction.NotBegun;
        _inbound = isOpener ? Direction.NotBegun : Direction.Open;
        _isHeld = !isOpener;
    }

    private enum Direction : byte
    {
        NotBegun,
        Open,
        Over,
    }

    public override ulong Id { get; }

    public override Begin Opening => _opening ?? throw new InvalidOperationException("Who opened the stream knows what with.");

    /// <summary>Guarded by the gate, as the next two.</summary>
    public SendCredit Credit;

    public SendWaiter? Waiter { get; private set; }

    public bool IsBlockedOnLane { get; set; }

    /// <summary>What the process-wide budget knows of this stream's backlog.</summary>
    public int Buffered => _inbox.Reported;

    public override CancellationToken Broken
    {
        get
        {
            lock (_sender.Gate)
            {
                if (_broken is null)
                {
                    _broken = new();
                    if (_isBroken)
                    {
                        _broken.Cancel();
                    }
                }

                return _broken.Token;
            }
        }
    }

    public override ValueTask<StreamFrame> ReadAsync(CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<StreamFrame>(cancellationToken)
        : _inbox.TryTake(out var frame) ? new(frame)
        : _inbox.WaitAsync(cancellationToken);

    public override bool TryRead(out StreamFrame frame) => _inbox.TryTake(out frame);

    public override void Accept()
    {
        lock (_sender.Gate)
        {
            if (_outbound == Direction.NotBegun)
            {
                _outbound = Direction.Open;
                Append(new() { Kind = FrameKind.Begin, StreamId = Id });
            }
            else if (_stopped is null)
            {
                throw new InvalidOperationException("Only the acceptor accepts, and once.");
            }
        }
    }

    public override ValueTask WriteDataAsync(
        ReadOnlyMemory<byte> payload, DataFlags flags, ExtensionKind kind = ExtensionKind.None, ReadOnlyMemory<byte> extension = default,
        CancellationToken cancellationToken = default) =>
        WriteAsync(new() { Kind = FrameKind.Data, StreamId = Id, Payload = payload, Flags = flags, ExtensionKind = kind, Extension = extension }, cancellationToken);

    public override ValueTask WriteFlushAsync(ExtensionKind kind, ReadOnlyMemory<byte> extension, CancellationToken cancellationToken = default) =>
        WriteAsync(new() { Kind = FrameKind.Flush, StreamId = Id, ExtensionKind = kind, Extension = extension }, cancellationToken);

    public override void End(ExtensionKind kind = ExtensionKind.None, ReadOnlyMemory<byte> extension = default)
    {
        var frame = new StreamFrame { Kind = FrameKind.End, StreamId = Id, ExtensionKind = kind, Extension = extension };
        ThrowIfTooLarge(frame);
        lock (_sender.Gate)
        {
            if (_stopped is not null)
            {
                return;
            }

            ThrowIfNotWritable();
            Append(frame);
            OutboundIsOver(null);
        }
    }

    public override void Abort(Cause cause, string message)
    {
        lock (_sender.Gate)
        {
            if (_outbound == Direction.NotBegun)
            {
                RefuseLocked(cause, message, default);
            }
            else if (_outbound == Direction.Open)
            {
                Append(new() { Kind = FrameKind.Abort, StreamId = Id, Cause = cause, Message = LaneText.Short(message) });
                OutboundIsOver(new(cause, message));
            }
        }
    }

    public override void Reset(Cause cause, string message, TimeSpan retryAfter = default)
    {
        lock (_sender.Gate)
        {
            RefuseLocked(cause, message, retryAfter);
        }

        _inbox.Break(new(cause, $"Reset by this side: {message}"), discard: true);
    }

    public override ValueTask DisposeAsync()
    {
        Abort(Cause.Cancelled, "");
        Reset(Cause.Cancelled, "");
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Sends what the acceptor has written until now. Called when it waits for the first time or is done: an answer that is there at once goes in
    /// one piece.
    /// </summary>
    public void Release()
    {
        lock (_sender.Gate)
        {
            _isHeld = false;
            _sender.Outbox.Wake();
        }
    }

    /// <summary>Has a waiting reader go on.</summary>
    public void WakeReader() => _inbox.WakeReader();

    /// <summary>A frame of the peer. False: it broke the protocol, and the lane with it.</summary>
    public bool Receive(in StreamFrame frame)
    {
        switch (frame.Kind)
        {
            case FrameKind.Data or FrameKind.Flush or FrameKind.Challenge:
                return _inbound != Direction.NotBegun && Put(frame);
            case FrameKind.Window:
                lock (_sender.Gate)
                {
                    if (_outbound == Direction.Over)
                    {
                        return true;
                    }

                    var sound = Credit.TryAdd(frame.Credit);
                    _sender.Resume(this);
                    return sound;
                }

            case FrameKind.Begin:
                lock (_sender.Gate)
                {
                    if (!_isOpener || _inbound == Direction.Open)
                    {
                        return false;
                    }

                    _inbound = _inbound == Direction.Over ? Direction.Over : Direction.Open;
                }

                return Put(frame);
            case FrameKind.End:
                var begun = _inbound != Direction.NotBegun;
                return begun && Put(frame) && InboundIsOver();
            case FrameKind.Abort:
                return Break(LaneText.ToException(frame), reset: false);
            case FrameKind.Reset:
                return Break(LaneText.ToException(frame), reset: true);
            default:
                return true;
        }
    }

    /// <summary>The lane is over and out of the table's sight.</summary>
    public void LaneLost(StreamBrokenException fault)
    {
        lock (_sender.Gate)
        {
            _inbound = Direction.Over;
            OutboundIsOver(fault);
            SignalBroken();
        }

        _inbox.Break(fault, discard: false);
    }

    /// <summary>Breaks the stream, because the process holds too much for its reader.</summary>
    public void Shed()
    {
        Reset(Cause.Overloaded, "This process holds more for slow readers than it may.");
        Abort(Cause.Overloaded, "This process holds more for slow readers than it may.");
        lock (_sender.Gate)
        {
            SignalBroken();
        }
    }

    /// <summary>The peer's BEGIN gets its answer in words of the acceptor's failure.</summary>
    public void Fail(StreamBrokenException fault)
    {
        lock (_sender.Gate)
        {
            if (_outbound == Direction.NotBegun)
            {
                RefuseLocked(fault.Cause, fault.Message, fault.RetryAfter);
            }
        }

        Abort(fault.Cause, fault.Message);
        Reset(fault.Cause, fault.Message, fault.RetryAfter);
    }

    public void GiveCredit(int due)
    {
        lock (_sender.Gate)
        {
            if (_inbound == Direction.Open)
            {
                Append(new() { Kind = FrameKind.Window, StreamId = Id, Credit = (ulong)due });
            }
        }
    }

    public void CancelWrite(CancellationToken cancellationToken)
    {
        lock (_sender.Gate)
        {
            if (Waiter is { IsWaiting: true })
            {
                Waiter.Fail(new OperationCanceledException(cancellationToken));
            }
        }
    }

    private ValueTask WriteAsync(in StreamFrame frame, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        ThrowIfTooLarge(frame);
        lock (_sender.Gate)
        {
            ThrowIfNotWritable();
            if (_sender.TrySend(ref Credit, frame, wake: !_isHeld))
            {
                return default;
            }

            Waiter ??= new(this);
            Waiter.Start(frame);
            _sender.Resume(this);
        }

        return Waiter.AwaitAsync(cancellationToken);
    }

    private void Append(in StreamFrame frame) => _sender.Outbox.Append(frame, wake: !_isHeld);

    private static void ThrowIfTooLarge(in StreamFrame frame)
    {
        if (frame.Payload.Length + frame.Extension.Length > LaneText.MaxContent)
        {
            throw new ArgumentException($"A frame carries at most {LaneText.MaxContent} bytes; split the record.");
        }
    }

    private void ThrowIfNotWritable()
    {
        if (_outbound != Direction.Open)
        {
            throw _stopped is { } stopped ? stopped.Again()
                : new InvalidOperationException(_outbound == Direction.Over ? "The stream was ended." : "The stream is not accepted yet.");
        }

        if (Waiter is { IsWaiting: true })
        {
            throw new InvalidOperationException("A write is already waiting on this stream.");
        }
    }

    /// <summary>Before BEGIN was answered a RESET refuses the whole stream.</summary>
    private void RefuseLocked(Cause cause, string message, TimeSpan retryAfter)
    {
        var refuse = _outbound == Direction.NotBegun;
        if (_inbound != Direction.Over || refuse)
        {
            Append(new() { Kind = FrameKind.Reset, StreamId = Id, Cause = cause, Message = LaneText.Short(message), RetryAfter = retryAfter });
            LaneMetrics.Reset(cause);
            _inbound = Direction.Over;
            if (refuse)
            {
                OutboundIsOver(new(cause, message));
            }

            LeaveIfOver();
        }
    }

    private bool Put(in StreamFrame frame)
    {
        var outcome = _inbox.Put(frame, out var wakes);
        if (wakes)
        {
            _lane.WakeAfterBatch(this);
        }

        switch (outcome)
        {
            case InboxOutcome.Overdrawn:
                Reset(Cause.FlowControl, "Sent beyond the stream's credit.");
                Abort(Cause.FlowControl, "The peer sent beyond the stream's credit.");
                break;
            case InboxOutcome.OverBudget:
                _lane.Options.Budget.Shed();
                break;
        }

        return true;
    }

    private bool InboundIsOver()
    {
        lock (_sender.Gate)
        {
            _inbound = Direction.Over;
            LeaveIfOver();
        }

        return true;
    }

    private bool Break(StreamBrokenException fault, bool reset)
    {
        lock (_sender.Gate)
        {
            // An acceptor that has sent all it had stops the opener by RESET: that breaks nothing the opener still reads.
            if (!(reset && _isOpener && _inbound == Direction.Over))
            {
                SignalBroken();
            }

            // A RESET that comes before the acceptor's BEGIN refuses the stream: there will be no other direction.
            if (!reset || _inbound == Direction.NotBegun)
            {
                fault = reset ? new(fault.Cause, fault.Message, fault.RetryAfter) { IsRefusal = true } : fault;
                _inbound = Direction.Over;
            }

            if (reset)
            {
                OutboundIsOver(fault);
            }

            LeaveIfOver();
        }

        _inbox.Break(fault, discard: false);
        return true;
    }

    private void OutboundIsOver(StreamBrokenException? stopped)
    {
        _outbound = Direction.Over;
        _stopped ??= stopped;
        if (Waiter is { IsWaiting: true })
        {
            Waiter.Fail(stopped is null ? new InvalidOperationException("The stream was ended.") : stopped.Again());
        }

        LeaveIfOver();
    }

    private void LeaveIfOver()
    {
        if (_outbound == Direction.Over && _inbound == Direction.Over)
        {
            _lane.Remove(this);
        }
    }

    private void SignalBroken()
    {
        if (!_isBroken)
        {
            _isBroken = true;
            _ = _broken?.CancelAsync();
        }
    }
}
