using System.Buffers;
using System.Text.Unicode;
using Zilla.EdgeMqtt.Connections;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Server;
using Zilla.EdgeMqtt.Sessions;

namespace Zilla.EdgeMqtt.Publishing;

/// <summary>
/// What a client publishes: judged here, then into Kafka by the edge itself with QoS 0 and 1 (<see cref="KafkaPublisher"/>), by the owner of its session with QoS 2
/// (<see cref="SessionPublisher"/>). No more of QoS 1 and 2 is taken at a time than the receive maximum. Called by the read loop, one packet after the other.
/// </summary>
internal sealed class PublishHandler(Client client, PacketOutput output, ISession session, MqttParts parts)
{
    private readonly InboundAliases _aliases = new(client.Server.Limits.TopicAliases);
    private readonly KafkaPublisher _kafka = new(client, output, parts);
    private readonly SessionPublisher _session = new(client, output, session, parts.RetainedWrites);

    private MqttMetrics Metrics => client.Server.Metrics;

    /// <summary>Of both kinds; those that are refused as well, until they are told so.</summary>
    private int Unanswered => _kafka.Unanswered + _session.Unanswered;

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

        return PublishAsync(packet, cancellationToken);
    }

    /// <inheritdoc cref="SessionPublisher.Release"/>
    public void Release(ushort packetId, CancellationToken cancellationToken) => _session.Release(packetId, cancellationToken);

    /// <summary>A message of QoS 2 that is sent again is one that is under way; but it waits for an answer of its own.</summary>
    private bool IsBeyondWindow(in PublishPacket packet)
    {
        var isAgain = packet.QualityOfService == QualityOfService.ExactlyOnce && _session.IsUnderWay(packet.PacketId);
        return (isAgain ? Unanswered : Math.Max(Unanswered, _kafka.Unanswered + _session.UnderWay)) >= client.Server.Limits.ReceiveMaximum;
    }

    private async ValueTask HandleLaterAsync(PublishPacket packet, CancellationToken cancellationToken)
    {
        // QoS 2 is not over without PUBREL, which comes behind: what is not answered is what there is to wait for.
        while (Unanswered > 0 && IsBeyondWindow(packet))
        {
            await (_kafka.Unanswered > 0 ? _kafka.WaitAsync(cancellationToken) : _session.WaitAsync(cancellationToken));
        }

        await PublishAsync(packet, cancellationToken);
    }

    private ValueTask PublishAsync(in PublishPacket packet, CancellationToken cancellationToken)
    {
        if (Fault(packet) is { } fault)
        {
            return Refuse(packet, fault);
        }

        var activity = PublishTrace.Start(packet);
        if (packet.QualityOfService != QualityOfService.ExactlyOnce)
        {
            return _kafka.PublishAsync(packet, activity, cancellationToken);
        }

        _session.Publish(packet, activity, cancellationToken);
        return default;
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

    private ValueTask Refuse(in PublishPacket packet, MqttError error)
    {
        switch (packet.QualityOfService)
        {
            case QualityOfService.AtMostOnce:
                return Fail(error);
            case QualityOfService.AtLeastOnce:
                _kafka.Refuse(packet.PacketId, error);
                return default;
            default:
                _session.Refuse(packet.PacketId, error);
                return default;
        }
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
