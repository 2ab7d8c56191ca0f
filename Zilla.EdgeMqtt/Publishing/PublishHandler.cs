using System.Buffers;
using System.Diagnostics;
using System.Text.Unicode;
using Zilla.Edge.Cache;
using Zilla.EdgeMqtt.Connections;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Server;
using Zilla.EdgeMqtt.Sessions;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Publishing;

/// <summary>What a client publishes: into Kafka by the edge itself with QoS 0 and 1, by the owner of its session with QoS 2. Called by the read loop, one packet after the other.</summary>
internal sealed class PublishHandler(Client client, PacketOutput output, ISession session, MqttParts parts)
{
    private readonly InboundAliases _aliases = new(client.Server.Limits.TopicAliases);
    private readonly AckQueue _pubacks = new(PacketType.Puback, client, output, parts.RetainedWrites);
    private readonly ReceiveWindow _window = new(session.Attached.Received);
    private AckQueue? _pubrecs;

    private MqttMetrics Metrics => client.Server.Metrics;

    /// <summary>Completed, unless something has to be waited for.</summary>
    public ValueTask HandleAsync(in MqttFrame frame, CancellationToken cancellationToken)
    {
        if (!PublishPacket.TryRead(frame, client.Version, MqttSender.Client, out var packet, out var error))
        {
            return Fail(error);
        }

        Metrics.PublishReceived(packet.QualityOfService);
        if (!_aliases.TryResolve(ref packet))
        {
            return Fail(new(ReasonCode.TopicAliasInvalid, "the topic alias is greater than the maximum, or stands for nothing (MQTT-3.3.2-8, 3.3.2-9)"));
        }

        if (packet.QualityOfService > client.Kafka.MaximumQoS)
        {
            return Fail(new(ReasonCode.QoSNotSupported, "the QoS is more than the server's (MQTT-3.2.2-11)"));
        }

        if (packet.QualityOfService != QualityOfService.AtMostOnce && IsBeyondWindow(packet))
        {
            if (client.Version == MqttVersion.V5)
            {
                return Fail(new(ReasonCode.ReceiveMaximumExceeded, "more messages are under way than the receive maximum (3.3.4)"));
            }

            // 3.1.1 has no word for it: the client is not read from until there is room.
            return HandleLaterAsync(packet, cancellationToken);
        }

        return Fault(packet) is { } fault ? Refuse(packet, fault) : PublishAsync(packet, cancellationToken);
    }

    /// <summary>PUBREL: the packet id is free, durably, before PUBCOMP says so.</summary>
    public ValueTask ReleaseAsync(ushort packetId, CancellationToken cancellationToken)
    {
        if (!_window.Contains(packetId))
        {
            output.Write(new AcknowledgePacket(PacketType.Pubcomp, packetId, ReasonCode.PacketIdentifierNotFound));
            return default;
        }

        _ = FreeAsync(packetId, cancellationToken);
        return default;
    }

    private bool IsBeyondWindow(in PublishPacket packet) =>
        _pubacks.Count + _window.Count >= client.Server.Limits.ReceiveMaximum && !(packet.QualityOfService == QualityOfService.ExactlyOnce && _window.Contains(packet.PacketId));

    private async ValueTask HandleLaterAsync(PublishPacket packet, CancellationToken cancellationToken)
    {
        // QoS 2 is not over without PUBREL, which comes behind: what QoS 1 leaves is what there is.
        while (_pubacks.Count > 0 && IsBeyondWindow(packet))
        {
            await _pubacks.WaitAsync(cancellationToken);
        }

        await (Fault(packet) is { } fault ? Refuse(packet, fault) : PublishAsync(packet, cancellationToken));
    }

    /// <summary>Why the message is not taken; the connection may go on.</summary>
    private MqttError? Fault(in PublishPacket packet)
    {
        if (!client.Rights.MayPublish(packet.Topic))
        {
            return new(ReasonCode.NotAuthorized, "the client may not publish to the topic");
        }

        if (!client.Limiter.TryPublish(client.Sender))
        {
            return new(packet.QualityOfService == QualityOfService.AtMostOnce ? ReasonCode.MessageRateTooHigh : ReasonCode.QuotaExceeded, "more messages come than are taken");
        }

        if (packet.Properties.PayloadFormatIndicator == 1 && !IsText(packet.Payload))
        {
            return new(ReasonCode.PayloadFormatInvalid, "the payload is not UTF-8, as it says (3.3.2.3.2)");
        }

        return client.Kafka.Mapping.MessagesOf(packet.Topic) is null ? new(ReasonCode.TopicNameInvalid, "no topic of Kafka can be named after it") : null;
    }

    private ValueTask PublishAsync(in PublishPacket packet, CancellationToken cancellationToken)
    {
        var activity = PublishTrace.Start(packet);
        switch (packet.QualityOfService)
        {
            case QualityOfService.AtMostOnce:
                return ProduceAsync(packet, null, 0, activity, cancellationToken);
            case QualityOfService.AtLeastOnce:
                return ProduceAsync(packet, _pubacks, _pubacks.Begin(packet.PacketId, packet.Retain ? 2 : 1, activity, packet.Retain), null, cancellationToken);
            default:
                _window.TryAdd(packet.PacketId);
                var queue = _pubrecs ??= NewPubrecs();
                _ = ProduceOnceAsync(
                    new MqttPublish { PacketId = packet.PacketId, Record = Records.Of(packet, client) }, packet.Payload, queue, queue.Begin(packet.PacketId, 1, activity, packet.Retain), cancellationToken);
                return default;
        }
    }

    /// <summary>QoS 0 and 1. Retained messages are written to their topic as well, where one without payload takes away what is there.</summary>
    private ValueTask ProduceAsync(in PublishPacket packet, AckQueue? queue, ulong tag, Activity? activity, CancellationToken cancellationToken)
    {
        var isWritten = TryProduce(packet, isRetained: false, queue, tag);
        var isRetained = isWritten && (!packet.Retain || TryProduce(packet, isRetained: true, queue, tag));
        if (isRetained)
        {
            activity?.Stop();
            return default;
        }

        return ProduceLaterAsync(packet, isWritten, queue, tag, activity, cancellationToken);
    }

    /// <summary>As above where there is no room: the client is not read from meanwhile.</summary>
    private async ValueTask ProduceLaterAsync(PublishPacket packet, bool isWritten, AckQueue? queue, ulong tag, Activity? activity, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(queue is null ? parts.Options.PublishPatience : Timeout.InfiniteTimeSpan, parts.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            for (var isRetained = isWritten; ;)
            {
                if (!TryProduce(packet, isRetained, queue, tag))
                {
                    await WaitForRoomAsync(packet, isRetained, either.Token);
                }
                else if (isRetained || !packet.Retain)
                {
                    activity?.Stop();
                    return;
                }
                else
                {
                    isRetained = true;
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            queue?.Abandon(tag);
            throw;
        }
        catch (OperationCanceledException)
        {
            Metrics.Dropped();
            activity?.SetStatus(ActivityStatusCode.Error, "no room").Stop();
        }
    }

    private bool TryProduce(in PublishPacket packet, bool isRetained, AckQueue? queue, ulong tag)
    {
        // Who publishes with QoS 0 waits for nothing; who subscribes to it afterwards does.
        var isAwaited = isRetained && queue is null;
        var awaited = isAwaited ? parts.RetainedWrites.Begin() : tag;
        try
        {
            if (parts.Pipes.TryProduce(TargetOf(packet, isRetained), RecordOf(packet, isRetained), isAwaited ? parts.RetainedWrites : queue, awaited))
            {
                return true;
            }
        }
        catch (StreamBrokenException e)
        {
            queue?.Complete(tag, ProduceFailure.Of(e.Cause, e.Message));
            if (queue is null)
            {
                Metrics.Dropped();
            }

            EndAwaited(isAwaited, awaited);
            return true;
        }

        EndAwaited(isAwaited, awaited);
        return false;
    }

    private void EndAwaited(bool isAwaited, ulong awaited)
    {
        if (isAwaited)
        {
            parts.RetainedWrites.End(awaited);
        }
    }

    private Task WaitForRoomAsync(in PublishPacket packet, bool isRetained, CancellationToken cancellationToken) =>
        parts.Pipes.WaitForRoomAsync(TargetOf(packet, isRetained), RecordOf(packet, isRetained), cancellationToken);

    /// <summary>All retained messages go one way, so that the last of a topic is the last, whatever its QoS.</summary>
    private PipeTarget TargetOf(in PublishPacket packet, bool isRetained) => new(
        isRetained ? client.Kafka.Mapping.Retained : new(client.Kafka.Space.Cluster, client.Kafka.Mapping.MessagesOf(packet.Topic)!),
        packet.QualityOfService == QualityOfService.AtMostOnce && !isRetained ? KafkaProduce.Types.Acks.None : KafkaProduce.Types.Acks.InSyncReplicas,
        packet.QualityOfService == QualityOfService.AtMostOnce && !isRetained ? ProduceRetry.Never : ProduceRetry.UntilAcknowledged);

    private PipeRecord RecordOf(in PublishPacket packet, bool isRetained) =>
        new(Records.Encode(packet, client, tombstone: isRetained && packet.Payload.IsEmpty), packet.Payload);

    private async Task ProduceOnceAsync(MqttPublish publish, ReadOnlySequence<byte> payload, AckQueue queue, ulong tag, CancellationToken cancellationToken)
    {
        var error = await TryAsync(session.PublishAsync(publish, payload, cancellationToken));
        if (error is not null)
        {
            // PUBREC with a failure ends the exchange (4.3.3).
            _window.Remove((ushort)publish.PacketId);
        }

        queue.Complete(tag, error);
    }

    private async Task FreeAsync(ushort packetId, CancellationToken cancellationToken)
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

    private AckQueue NewPubrecs() => new(PacketType.Pubrec, client, output, parts.RetainedWrites);

    private ValueTask Refuse(in PublishPacket packet, MqttError error)
    {
        if (packet.QualityOfService == QualityOfService.AtMostOnce)
        {
            return Fail(error);
        }

        var queue = packet.QualityOfService == QualityOfService.AtLeastOnce ? _pubacks : _pubrecs ??= NewPubrecs();
        queue.Complete(queue.Begin(packet.PacketId, 1), error);
        return default;
    }

    private ValueTask Fail(MqttError error)
    {
        Metrics.RefusedWith(PacketType.Publish, error.Reason);
        output.Disconnect(error);
        return default;
    }

    private static bool IsText(in ReadOnlySequence<byte> payload)
    {
        if (payload.IsSingleSegment)
        {
            return Utf8.IsValid(payload.FirstSpan);
        }

        var copy = ArrayPool<byte>.Shared.Rent((int)payload.Length);
        payload.CopyTo(copy);
        var isValid = Utf8.IsValid(copy.AsSpan(0, (int)payload.Length));
        ArrayPool<byte>.Shared.Return(copy);
        return isValid;
    }
}
