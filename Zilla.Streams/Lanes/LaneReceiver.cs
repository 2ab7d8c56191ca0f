using Google.Protobuf;
using Zilla.Streams.FlowControl;
using Zilla.Streams.Frames;
using Zilla.Streams.V1;

namespace Zilla.Streams.Lanes;

/// <summary>The receiving loop of a lane: takes batches apart and hands their frames to the lane's streams, without ever waiting for one. Its fields are this loop's alone.</summary>
internal sealed class LaneReceiver(Lane lane, ILaneTransport transport)
{
    private readonly LaneOptions _options = lane.Options;
    private readonly LaneSender _sender = lane.Sender;
    private readonly List<LaneStream> _toWake = [];
    private ReceiveCredit _credit = new(lane.Options.LaneCredit);
    private LaneStream? _lastStream;
    private ulong _lastAccepted;

    public async Task RunAsync(CancellationToken stop)
    {
        var end = new LaneEnd(Cause.LaneLost, "The peer closed the lane.");
        try
        {
            while (await transport.ReceiveAsync(stop) is { } batch)
            {
                var sound = TryDispatch(batch, ref end);
                WakeReaders();
                if (!sound)
                {
                    lane.End(end, tellPeer: true);
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Over already, or about to be.
        }
        catch (Exception lost) when (lost is not OutOfMemoryException)
        {
            end = new(Cause.LaneLost, $"Receiving failed: {lost.Message}");
        }

        lane.End(end, tellPeer: false);
    }

    /// <summary>A stream's reader waits for what has just come.</summary>
    public void WakeAfterBatch(LaneStream stream) => _toWake.Add(stream);

    private void WakeReaders()
    {
        foreach (var stream in _toWake)
        {
            stream.WakeReader();
        }

        _toWake.Clear();
    }

    /// <summary>Hands out the frames of one batch. False: the lane is over, and <paramref name="end"/> says why.</summary>
    private bool TryDispatch(ReadOnlyMemory<byte> batch, ref LaneEnd end)
    {
        var reader = new FrameReader(batch);
        var frames = 0;
        var taken = 0;
        while (reader.Read(out var frame) is var outcome && outcome != FrameReadOutcome.EndOfBatch)
        {
            frames++;
            if (outcome == FrameReadOutcome.Malformed || batch.Length > LaneOptions.MaxBatch)
            {
                end = new(Cause.ProtocolError, "A batch is malformed or too large.");
                return false;
            }

            if (!lane.IsReady)
            {
                if (!TryGreet(frame, ref end))
                {
                    return false;
                }

                continue;
            }

            if (frame.Kind is FrameKind.Data or FrameKind.Flush)
            {
                var cost = FrameCost.Of(frame.Payload.Length, frame.Extension.Length, _options.LaneCredit);
                if (!_credit.TryReceive(cost))
                {
                    end = new(Cause.FlowControl, "The peer sent beyond the lane's credit.");
                    return false;
                }

                taken += cost;
            }

            var sound = frame.StreamId == 0 ? TryReceiveForLane(frame, ref end) : TryReceiveForStream(frame, ref end);
            if (!sound)
            {
                return false;
            }
        }

        LaneMetrics.Received(frames, batch.Length);

        // Off the wire: from here on each stream's own credit and the process budget bound it.
        var due = _credit.Consume(taken);
        lock (_sender.Gate)
        {
            if (due > 0)
            {
                _sender.Outbox.Append(new() { Kind = FrameKind.Window, Credit = (ulong)due });
            }

            if (_sender.IsStuffed)
            {
                end = new(Cause.Overloaded, "The peer asks much and takes nothing.");
                return false;
            }
        }

        return true;
    }

    private bool TryGreet(in StreamFrame frame, ref LaneEnd end)
    {
        if (!Handshake.TryAgree(_options, frame, out var agreement, out end))
        {
            return false;
        }

        lane.Agree(agreement);
        return true;
    }

    private bool TryReceiveForLane(in StreamFrame frame, ref LaneEnd end)
    {
        switch (frame.Kind)
        {
            case FrameKind.Window:
                lock (_sender.Gate)
                {
                    if (_sender.TryAddLaneCredit(frame.Credit))
                    {
                        return true;
                    }
                }

                end = new(Cause.FlowControl, "The lane's credit overflows.");
                return false;
            case FrameKind.Reset:
                lane.PeerDrains();
                return true;
            case FrameKind.Abort:
                var broken = LaneText.ToException(frame);
                end = new(broken.Cause, broken.Message);
                return false;
            case FrameKind.None:
                return true;
            default:
                end = new(Cause.ProtocolError, $"{frame.Kind} does not concern the lane.");
                return false;
        }
    }

    private bool TryReceiveForStream(in StreamFrame frame, ref LaneEnd end)
    {
        var stream = _lastStream;
        if (stream is null || stream.Id != frame.StreamId)
        {
            stream = lane.Find(frame.StreamId);
        }

        if (stream is not null)
        {
            _lastStream = stream;
            if (stream.Receive(frame))
            {
                return true;
            }

            end = new(Cause.ProtocolError, $"{frame.Kind} of stream {frame.StreamId} is out of order.");
            return false;
        }

        return frame.Kind == FrameKind.Begin ? TryAccept(frame, ref end) : TryIgnore(frame, ref end);
    }

    /// <summary>The id was in use: this frame crossed with what ended the stream.</summary>
    private bool TryIgnore(in StreamFrame frame, ref LaneEnd end)
    {
        if (lane.IsOwn(frame.StreamId) ? lane.IsUsed(frame.StreamId) : frame.StreamId <= _lastAccepted)
        {
            return true;
        }

        end = new(Cause.ProtocolError, $"{frame.Kind} for stream {frame.StreamId}, which was never opened.");
        return false;
    }

    private bool TryAccept(in StreamFrame frame, ref LaneEnd end)
    {
        if (lane.IsOwn(frame.StreamId))
        {
            return TryIgnore(frame, ref end);
        }

        if (frame.StreamId <= _lastAccepted)
        {
            end = new(Cause.ProtocolError, $"BEGIN of stream {frame.StreamId}, whose id was used before.");
            return false;
        }

        _lastAccepted = frame.StreamId;
        Begin opening;
        try
        {
            opening = Begin.Parser.ParseFrom(frame.Payload.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            end = new(Cause.ProtocolError, "BEGIN cannot be decoded.");
            return false;
        }

        return lane.TryAccept(frame.StreamId, opening, ref end);
    }
}
