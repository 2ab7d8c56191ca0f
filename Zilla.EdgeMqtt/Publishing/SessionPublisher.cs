using System.Buffers;
using System.Diagnostics;
using Zilla.EdgeMqtt.Connections;
using Zilla.EdgeMqtt.Delivery;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Sessions;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Publishing;

/// <summary>
/// A client's messages of QoS 2: the owner of its session writes them. A packet id is in use from PUBLISH to PUBCOMP; the session is told once of each PUBREL, and of as many PUBLISHes at a time
/// as the client may have unanswered.
/// </summary>
internal sealed class SessionPublisher(Client client, PacketOutput output, ISession session, RetainedWrites retained)
{
    private readonly ReceiveWindow _window = new(session.Attached.Received);
    private AckQueue? _pubrecs;

    /// <summary>How many PUBRECs the client waits for.</summary>
    public int Unanswered => _pubrecs?.Count ?? 0;

    /// <summary>How many of its packet ids are in use.</summary>
    public int UnderWay => _window.Count;

    /// <summary>Many clients never publish with QoS 2.</summary>
    private AckQueue Pubrecs => _pubrecs ??= new(PacketType.Pubrec, client, output, retained);

    public bool IsUnderWay(ushort packetId) => _window.Contains(packetId);

    /// <summary>Does not wait: PUBREC follows.</summary>
    public void Publish(in PublishPacket packet, Activity? activity, CancellationToken cancellationToken)
    {
        _window.Add(packet.PacketId);
        _ = PublishAsync(
            new MqttPublish { PacketId = packet.PacketId, Record = Records.Of(packet, client) }, packet.Payload, Pubrecs.Begin(packet.PacketId, 1, activity, packet.Retain), cancellationToken);
    }

    /// <summary>Answers one that is not taken, in its turn.</summary>
    public void Refuse(ushort packetId, MqttError error) => Pubrecs.Complete(Pubrecs.Begin(packetId, 1), error);

    /// <summary>PUBREL: the packet id is free, durably, before PUBCOMP says so.</summary>
    public void Release(ushort packetId, CancellationToken cancellationToken)
    {
        if (!_window.TryRelease(packetId, out var isFirst))
        {
            output.Write(new AcknowledgePacket(PacketType.Pubcomp, packetId, ReasonCode.PacketIdentifierNotFound));
        }
        else if (isFirst)
        {
            _ = ReleaseAsync(packetId, cancellationToken);
        }
    }

    /// <summary>Completes when fewer are unanswered.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => Pubrecs.WaitAsync(cancellationToken);

    private async Task PublishAsync(MqttPublish publish, ReadOnlySequence<byte> payload, ulong tag, CancellationToken cancellationToken)
    {
        var error = await TryAsync(session.PublishAsync(publish, payload, cancellationToken));
        if (error is not null)
        {
            // PUBREC with a failure ends the exchange (4.3.3).
            _window.Remove((ushort)publish.PacketId);
        }

        Pubrecs.Complete(tag, error);
    }

    private async Task ReleaseAsync(ushort packetId, CancellationToken cancellationToken)
    {
        if (await TryAsync(session.ReleaseAsync(packetId, cancellationToken)) is { } error)
        {
            // PUBCOMP has no word for it; the client will send PUBREL again when it is back.
            output.Disconnect(error);
            return;
        }

        _window.Remove(packetId);
        output.Write(new AcknowledgePacket(PacketType.Pubcomp, packetId));
    }

    private static async Task<MqttError?> TryAsync(Task task)
    {
        try
        {
            await task;
            return null;
        }
        catch (StreamBrokenException e)
        {
            return ProduceFailure.Of(e.Cause, e.Message);
        }
        catch (SessionRefusedException e)
        {
            return new(e.Reason, e.Message);
        }
        catch (OperationCanceledException)
        {
            return new(ReasonCode.UnspecifiedError, "the connection has ended");
        }
    }
}
