using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Zilla.EdgeMqtt.Delivery;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Connections;

/// <summary>
/// Reads what a connected client sends: packet after packet in the order they come, each handled before the next is looked at. Another configuration takes effect between two of them. A client
/// that does not take what it is sent is not read from.
/// </summary>
internal sealed class ReadLoop(ConnectionContext context, Client client, PacketOutput output, ClientPackets packets, ConnectionTimes times, CancellationToken closing)
{
    private readonly PipeReader _input = context.Transport.Input;
    private Rejudgement? _change;

    /// <summary>Another configuration counts from the next packet on. For any thread.</summary>
    public void Change(Rejudgement judgement)
    {
        Interlocked.Exchange(ref _change, judgement);
        _input.CancelPendingRead();
    }

    /// <summary>Returns when the client has ended the connection, or it has ended otherwise.</summary>
    public async Task RunAsync(IDelivery delivery, CancellationToken ended)
    {
        delivery.Resume(client.Rights.MaySubscribe);
        while (!output.HasEnded)
        {
            // Whoever ends the connection cancels the pending read; what has come is handled.
            var read = await _input.ReadAsync(CancellationToken.None);
            if (Interlocked.Exchange(ref _change, null) is { } change)
            {
                Apply(change, delivery);
            }

            await HandleAsync(read.Buffer, ended);
            if (read.IsCompleted || closing.IsCancellationRequested)
            {
                return;
            }

            if (output.IsFull)
            {
                await output.WaitForRoomAsync(ended);
            }

            times.Listen(true);
        }
    }

    /// <summary>All packets that are there in whole.</summary>
    private async ValueTask HandleAsync(ReadOnlySequence<byte> buffer, CancellationToken ended)
    {
        times.Listen(false);
        var length = buffer.Length;
        while (!output.HasEnded && TryNext(ref buffer, out var frame))
        {
            var handled = packets.HandleAsync(frame, ended);
            if (!handled.IsCompletedSuccessfully)
            {
                await handled;
            }
        }

        if (buffer.Length != length)
        {
            times.Heard();
            client.Server.Metrics.BytesReceived(length - buffer.Length);
        }

        _input.AdvanceTo(buffer.Start, buffer.End);
    }

    private bool TryNext(ref ReadOnlySequence<byte> buffer, out MqttFrame frame)
    {
        var status = FrameReader.TryRead(ref buffer, client.Server.Limits.Packet, output.Version, out frame, out var error);
        if (status == FrameStatus.Malformed)
        {
            packets.Fail(error);
        }

        return status == FrameStatus.Packet;
    }

    private void Apply(Rejudgement change, IDelivery delivery)
    {
        (client.Rights, client.Limiter) = (change.Rights!, change.Limiter!);
        client.Sender = client.Limiter.SenderOf((context.RemoteEndPoint as IPEndPoint)?.Address, client.Grants);
        if (delivery.Filters.Any(filter => !client.Rights.MaySubscribe(filter)))
        {
            packets.Fail(new(ReasonCode.NotAuthorized, "the configuration has changed: the client may not have all that it subscribes to"));
        }
    }
}
