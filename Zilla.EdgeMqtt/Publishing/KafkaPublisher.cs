using System.Diagnostics;
using Zilla.Edge.Cache;
using Zilla.EdgeMqtt.Connections;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Server;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Publishing;

/// <summary>
/// A client's messages of QoS 0 and 1: the edge itself hands them to Kafka, retained ones to their topic as well. One after the other: while there is no room for one, none is begun. Each
/// message of QoS 1 is told as many outcomes as it was begun with, whatever becomes of the connection.
/// </summary>
internal sealed class KafkaPublisher(Client client, PacketOutput output, MqttParts parts)
{
    private readonly AckQueue _pubacks = new(PacketType.Puback, client, output, parts.RetainedWrites);

    /// <summary>How many PUBACKs the client waits for.</summary>
    public int Unanswered => _pubacks.Count;

    private MqttMetrics Metrics => client.Server.Metrics;

    /// <summary>Completed, unless there is no room: the client is not read from meanwhile.</summary>
    public ValueTask PublishAsync(in PublishPacket packet, Activity? activity, CancellationToken cancellationToken) => packet.QualityOfService == QualityOfService.AtMostOnce
        ? ProduceAsync(packet, null, 0, activity, cancellationToken)
        : ProduceAsync(packet, _pubacks, _pubacks.Begin(packet.PacketId, packet.Retain ? 2 : 1, activity, packet.Retain), null, cancellationToken);

    /// <summary>Answers one of QoS 1 that is not taken, in its turn.</summary>
    public void Refuse(ushort packetId, MqttError error) => _pubacks.Complete(_pubacks.Begin(packetId, 1), error);

    /// <summary>Completes when fewer are unanswered.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _pubacks.WaitAsync(cancellationToken);

    private ValueTask ProduceAsync(in PublishPacket packet, AckQueue? queue, ulong tag, Activity? activity, CancellationToken cancellationToken)
    {
        // A retained one without payload takes away what is there.
        var isWritten = TryProduce(packet, isRetained: false, queue, tag);
        if (isWritten && (!packet.Retain || TryProduce(packet, isRetained: true, queue, tag)))
        {
            activity?.Stop();
            return default;
        }

        return ProduceLaterAsync(packet, isWritten, queue, tag, activity, cancellationToken);
    }

    private async ValueTask ProduceLaterAsync(PublishPacket packet, bool isRetained, AckQueue? queue, ulong tag, Activity? activity, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(queue is null ? parts.Options.PublishPatience : Timeout.InfiniteTimeSpan, parts.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            while (true)
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
            GiveUp(packet, isRetained, queue, tag, new(ReasonCode.UnspecifiedError, "the connection has ended"));
            activity?.SetStatus(ActivityStatusCode.Error, "the connection has ended").Stop();
            throw;
        }
        catch (OperationCanceledException)
        {
            Metrics.Dropped();
            activity?.SetStatus(ActivityStatusCode.Error, "no room").Stop();
        }
        catch (StreamBrokenException e)
        {
            // The gateway is shutting down.
            GiveUp(packet, isRetained, queue, tag, ProduceFailure.Of(e.Cause, e.Message));
            activity?.SetStatus(ActivityStatusCode.Error, e.Message).Stop();
        }
    }

    /// <summary>What has not been handed over has no outcome but this.</summary>
    private static void GiveUp(in PublishPacket packet, bool isRetained, AckQueue? queue, ulong tag, MqttError error)
    {
        queue?.Complete(tag, error);
        if (packet.Retain && !isRetained)
        {
            queue?.Complete(tag, error);
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
}
