using Zilla.Streams.Frames;
using Zilla.Streams.V1;

namespace Zilla.Streams.Lanes;

/// <summary>The sending loop of a lane: HELLO, and once the peer's has come whatever has gathered, as long as there is anything.</summary>
internal sealed class LaneWriter(Lane lane, ILaneTransport transport)
{
    private readonly LaneSender _sender = lane.Sender;

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            var hello = Handshake.Hello(lane.Options);
            var size = FrameWriter.Measure(hello);
            var first = new byte[size.Total];
            FrameWriter.Write(hello, size, first);
            await transport.SendAsync(first, more: false, stop);
            await Task.WhenAny(lane.Ready, lane.Ended);
            while (await _sender.Outbox.WaitAsync())
            {
                await SendGatheredAsync(stop);
            }

            await transport.CompleteAsync();
        }
        catch (Exception lost) when (lost is not OutOfMemoryException)
        {
            lane.End(new(Cause.LaneLost, $"Sending failed: {lost.Message}"), tellPeer: false);
        }
        finally
        {
            lock (_sender.Gate)
            {
                _sender.Outbox.Clear();
            }
        }
    }

    private async Task SendGatheredAsync(CancellationToken stop)
    {
        while (true)
        {
            Outbox.Batch? batch;
            bool more;
            lock (_sender.Gate)
            {
                batch = _sender.Outbox.Take();
                more = _sender.Outbox.HasMore;
            }

            if (batch is null)
            {
                return;
            }

            await transport.SendAsync(batch.Bytes, more, stop);
            LaneMetrics.Sent(batch.Frames, batch.Length);
            lock (_sender.Gate)
            {
                _sender.Outbox.Recycle(batch);
            }
        }
    }
}
