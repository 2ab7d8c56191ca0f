using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Zilla.Streams.FlowControl;
using Zilla.Streams.Frames;
using Zilla.Streams.V1;

namespace Zilla.Streams.Lanes;

/// <summary>
/// One end of a lane: any number of streams over one transport. One loop sends (<see cref="LaneWriter"/>), one receives (<see cref="LaneReceiver"/>) and
/// never waits for a stream. A fault of one stream costs that stream; a fault in the framing costs the lane and, with it, its streams.
/// </summary>
internal sealed class Lane : IStreamOpener, IBufferHolder, IAsyncDisposable
{
    /// <summary>How long a peer that takes nothing may hold up the last batches of a lane that is over.</summary>
    private static readonly TimeSpan FarewellTimeout = TimeSpan.FromSeconds(1);

    private static long LastNumber;

    private readonly ILaneTransport _transport;
    private readonly IStreamAcceptor? _acceptor;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly bool _isDialler;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<Agreement> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<LaneEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guarded by the gate.
    private readonly Dictionary<ulong, LaneStream> _streams = [];
    private ulong _lastOpened;
    private LaneEnd? _end;
    private bool _isDraining;
    private bool _peerDrains;

    private readonly LaneReceiver _receiver;
    private readonly LaneWriter _writer;
    private string _peer = "?";
    private Task _loops = Task.CompletedTask;

    public Lane(ILaneTransport transport, LaneOptions options, IStreamAcceptor? acceptor, bool isDialler, ILogger logger, TimeProvider time)
    {
        _transport = transport;
        _acceptor = acceptor;
        _isDialler = isDialler;
        _logger = logger;
        _time = time;
        Options = options;
        Number = Interlocked.Increment(ref LastNumber);
        _receiver = new(this, transport);
        _writer = new(this, transport);
        _lastOpened = isDialler ? ulong.MaxValue : 0;
    }

    /// <summary>Its number in this process, for logs.</summary>
    public long Number { get; }

    public LaneOptions Options { get; }

    /// <summary>Who the peer says it is; known once <see cref="Ready"/>.</summary>
    public string Peer => _peer;

    public LaneSender Sender { get; } = new();

    /// <summary>Completes when the peer's HELLO has come and fits; fails with <see cref="StreamBrokenException"/> otherwise.</summary>
    public Task<Agreement> Ready => _ready.Task;

    /// <summary>The HELLOs are exchanged.</summary>
    public bool IsReady => _ready.Task.IsCompleted;

    /// <summary>Completes, never fails, when the lane is over.</summary>
    public Task<LaneEnd> Ended => _ended.Task;

    /// <summary>Completes when no further stream can be opened: the peer drains, or the lane is over.</summary>
    public Task Closing => _closing.Task;

    /// <summary>Whether a stream can be opened now.</summary>
    public bool CanOpen
    {
        get
        {
            lock (Sender.Gate)
            {
                return _end is null && !_peerDrains && !_isDraining && _streams.Count < Options.MaxStreams;
            }
        }
    }

    public int OpenStreams
    {
        get
        {
            lock (Sender.Gate)
            {
                return _streams.Count;
            }
        }
    }

    long IBufferHolder.Buffered
    {
        get
        {
            lock (Sender.Gate)
            {
                return _streams.Values.Sum(s => (long)s.Buffered);
            }
        }
    }

    public void Start()
    {
        LaneMetrics.LaneOpened();
        Options.Budget.Register(this);

        // The loops outlive whoever starts them: they must not carry that caller's trace along.
        using (ExecutionContext.SuppressFlow())
        {
            _loops = Task.WhenAll(Task.Run(() => _writer.RunAsync(_stop.Token)), Task.Run(() => _receiver.RunAsync(_stop.Token)), Task.Run(WatchHandshakeAsync));
        }
    }

    public FrameStream Open(Begin begin)
    {
        ArgumentNullException.ThrowIfNull(begin);
        var encoded = begin.ToByteArray();
        if (encoded.Length > LaneText.MaxContent)
        {
            throw new ArgumentException($"A BEGIN takes at most {LaneText.MaxContent} bytes.", nameof(begin));
        }

        lock (Sender.Gate)
        {
            if (_end is { } end)
            {
                throw new StreamBrokenException(Cause.LaneLost, end.Message);
            }

            if (_peerDrains || _isDraining)
            {
                throw new StreamBrokenException(Cause.LaneLost, "The lane is closing.");
            }

            if (_streams.Count >= Options.MaxStreams)
            {
                throw new StreamBrokenException(Cause.Overloaded, $"{Options.MaxStreams} streams are open on the lane.");
            }

            // The dialler's ids are 1, 3, 5…; the other side's 2, 4, 6…
            _lastOpened = unchecked(_lastOpened + 2);
            var stream = new LaneStream(this, _lastOpened, begin, isOpener: true);
            _streams.Add(stream.Id, stream);
            LaneMetrics.StreamOpened();
            Sender.Outbox.Append(new() { Kind = FrameKind.Begin, StreamId = stream.Id, Payload = encoded });
            return stream;
        }
    }

    /// <summary>The peer has said HELLO: whatever waited for its credit goes on.</summary>
    public void Agree(in Agreement agreement)
    {
        _peer = agreement.Peer;
        lock (Sender.Gate)
        {
            Sender.Start(agreement);
            foreach (var stream in _streams.Values)
            {
                stream.Credit = new(agreement.StreamCredit);
                Sender.Resume(stream);
            }
        }

        LaneLog.LaneOpened(_logger, Number, _peer, agreement.Version);
        _ready.TrySetResult(agreement);
    }

    /// <summary>Null: there is none, or no longer.</summary>
    public LaneStream? Find(ulong id)
    {
        lock (Sender.Gate)
        {
            return _streams.GetValueOrDefault(id);
        }
    }

    /// <summary>The peer has opened a stream; one that cannot be had is refused. False: the lane is over.</summary>
    public bool TryAccept(ulong id, Begin opening, ref LaneEnd end)
    {
        var stream = new LaneStream(this, id, opening, isOpener: false);
        lock (Sender.Gate)
        {
            if (_end is { } over)
            {
                end = over;
                return false;
            }

            var refusal = _acceptor is null ? Cause.Unavailable : _isDraining ? Cause.ShuttingDown : _streams.Count >= Options.MaxStreams ? Cause.Overloaded : Cause.Unspecified;
            if (refusal != Cause.Unspecified)
            {
                Sender.Outbox.Append(new() { Kind = FrameKind.Reset, StreamId = id, Cause = refusal });
                LaneMetrics.Reset(refusal);
                return true;
            }

            _streams.Add(id, stream);
            LaneMetrics.StreamOpened();
        }

        ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work.Lane.ServeAsync(work.Stream), (Lane: this, Stream: stream), preferLocal: false);
        return true;
    }

    /// <summary>This side opens streams by such ids.</summary>
    public bool IsOwn(ulong id) => (id & 1) == (_isDialler ? 1UL : 0UL);

    /// <summary>This side has opened a stream by that id.</summary>
    public bool IsUsed(ulong id)
    {
        lock (Sender.Gate)
        {
            return _lastOpened != ulong.MaxValue && id <= _lastOpened;
        }
    }

    /// <summary>A stream's reader waits for what has just come. Called by the receiving loop.</summary>
    public void WakeAfterBatch(LaneStream stream) => _receiver.WakeAfterBatch(stream);

    /// <summary>Takes a stream whose directions are both over out of the table. Called under the gate.</summary>
    public void Remove(LaneStream stream)
    {
        if (_streams.Remove(stream.Id))
        {
            LaneMetrics.StreamsClosed(1);
            SignalIfEmpty();
        }
    }

    /// <summary>Opens and accepts nothing more, and tells the peer, which answers alike.</summary>
    public void Drain()
    {
        int open;
        lock (Sender.Gate)
        {
            if (_isDraining || _end is not null)
            {
                return;
            }

            _isDraining = true;
            open = _streams.Count;
            Sender.Outbox.Append(new() { Kind = FrameKind.Reset, Cause = Cause.ShuttingDown });
            SignalIfEmpty();
        }

        LaneLog.LaneDrains(_logger, Number, _peer, open);
    }

    /// <summary>The peer opens and accepts nothing more; this side does likewise.</summary>
    public void PeerDrains()
    {
        lock (Sender.Gate)
        {
            _peerDrains = true;
            SignalIfEmpty();
        }

        Drain();
        _closing.TrySetResult();
    }

    /// <summary>Closes the lane in order: no new streams, time for the open ones to end, the rest is aborted.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        Drain();
        try
        {
            await Task.WhenAny(_empty.Task, _ended.Task).WaitAsync(Options.DrainTimeout, _time, cancellationToken);
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            // What is still open is aborted below.
        }

        await DisposeAsync();
    }

    /// <summary>Ends the lane at once; its streams are aborted.</summary>
    public async ValueTask DisposeAsync()
    {
        End(new(Cause.ShuttingDown, "The lane was closed."), tellPeer: true);
        try
        {
            await _loops.WaitAsync(FarewellTimeout, _time);
        }
        catch (TimeoutException)
        {
            await _stop.CancelAsync();
            await _loops;
        }

        await _transport.DisposeAsync();
    }

    bool IBufferHolder.ShedLargest()
    {
        LaneStream? largest;
        lock (Sender.Gate)
        {
            largest = _streams.Values.MaxBy(s => s.Buffered);
        }

        if (largest is null or { Buffered: 0 })
        {
            return false;
        }

        LaneLog.StreamShed(_logger, Number, largest.Id, largest.Buffered);
        largest.Shed();
        return true;
    }

    private void SignalIfEmpty()
    {
        // A BEGIN of the peer's may be on its way until the peer, too, has said that it opens no more.
        if (_isDraining && _peerDrains && _streams.Count == 0)
        {
            _empty.TrySetResult();
        }
    }

    /// <summary>The lane is over, and its streams with it; the first reason counts.</summary>
    public void End(LaneEnd end, bool tellPeer)
    {
        LaneStream[] streams;
        lock (Sender.Gate)
        {
            if (_end is not null)
            {
                return;
            }

            _end = end;
            streams = [.. _streams.Values];
            _streams.Clear();
            LaneMetrics.StreamsClosed(streams.Length);
            if (tellPeer)
            {
                Sender.Outbox.Append(new() { Kind = FrameKind.Abort, Cause = end.Cause, Message = LaneText.Short(end.Message) });
            }

            Sender.Outbox.Complete();
        }

        // A peer that closes in order says so; whatever else ends a lane has lost it.
        var fault = new StreamBrokenException(end.Cause == Cause.ShuttingDown ? end.Cause : Cause.LaneLost, end.Message);
        foreach (var stream in streams)
        {
            stream.LaneLost(fault);
        }

        if (!tellPeer)
        {
            _stop.Cancel();
        }

        _ready.TrySetException(end.ToException());
        _ = _ready.Task.Exception;
        Options.Budget.Unregister(this);
        LaneMetrics.LaneClosed();
        if (end.Cause == Cause.ShuttingDown)
        {
            LaneLog.LaneClosed(_logger, Number, _peer, end.Cause, end.Message);
        }
        else
        {
            LaneLog.LaneBroke(_logger, Number, _peer, streams.Length, end.Cause, end.Message);
        }

        _closing.TrySetResult();
        _ended.TrySetResult(end);
    }

    private async Task WatchHandshakeAsync()
    {
        try
        {
            await _ready.Task.WaitAsync(Options.HandshakeTimeout, _time);
        }
        catch (TimeoutException)
        {
            End(new(Cause.Timeout, $"No HELLO within {Options.HandshakeTimeout.TotalSeconds} s."), tellPeer: true);
        }
        catch (StreamBrokenException)
        {
            // Ended already, and said why.
        }
    }

    private async Task ServeAsync(LaneStream stream)
    {
        try
        {
            await AcceptAsync(stream);
        }
        catch (StreamBrokenException broken)
        {
            stream.Fail(broken);
        }
        catch (OperationCanceledException)
        {
            // The stream is broken, or the acceptor gave up: disposing says so.
        }
        catch (Exception error)
        {
            LaneLog.StreamFailed(_logger, error, Number, stream.Id);
            stream.Fail(new(Cause.Internal, "The service failed to serve the stream."));
        }

        await stream.DisposeAsync();
    }

    private Task AcceptAsync(LaneStream stream)
    {
        try
        {
            return _acceptor!.AcceptAsync(stream, stream.Broken);
        }
        finally
        {
            stream.Release();
        }
    }
}
