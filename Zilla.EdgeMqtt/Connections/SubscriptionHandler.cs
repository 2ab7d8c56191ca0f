using Zilla.EdgeMqtt.Delivery;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Sessions;
using Zilla.Streams;

namespace Zilla.EdgeMqtt.Connections;

/// <summary>SUBSCRIBE and UNSUBSCRIBE: what the client may goes on to delivery, and every filter gets its answer.</summary>
internal sealed class SubscriptionHandler(Client client, PacketOutput output, IDelivery delivery)
{
    public ValueTask SubscribeAsync(in MqttFrame frame, CancellationToken cancellationToken)
    {
        if (!SubscribePacket.TryRead(frame, client.Version, out var packet, out var error))
        {
            Refuse(PacketType.Subscribe, error);
            return default;
        }

        return SubscribeAsync(packet, cancellationToken);
    }

    public ValueTask UnsubscribeAsync(in MqttFrame frame, CancellationToken cancellationToken)
    {
        if (!UnsubscribePacket.TryRead(frame, client.Version, out var packet, out var error))
        {
            Refuse(PacketType.Unsubscribe, error);
            return default;
        }

        return UnsubscribeAsync(packet, cancellationToken);
    }

    private async ValueTask SubscribeAsync(SubscribePacket packet, CancellationToken cancellationToken)
    {
        var reasons = new ReasonCode[packet.Subscriptions.Count];
        var allowed = new List<Subscription>(reasons.Length);
        for (var i = 0; i < reasons.Length; i++)
        {
            if (client.Rights.MaySubscribe(packet.Subscriptions[i].Filter.Filter))
            {
                allowed.Add(packet.Subscriptions[i]);
            }
            else
            {
                reasons[i] = ReasonCode.NotAuthorized;
            }
        }

        if (allowed.Count > 0)
        {
            var granted = await TryAsync(delivery.SubscribeAsync(allowed, packet.Properties.SubscriptionIdentifier ?? 0, cancellationToken), allowed.Count);
            for (var (i, next) = (0, 0); i < reasons.Length; i++)
            {
                reasons[i] = reasons[i] == ReasonCode.NotAuthorized ? reasons[i] : granted[next++];
            }
        }

        Answer(PacketType.Suback, packet.PacketId, reasons);
    }

    private async ValueTask UnsubscribeAsync(UnsubscribePacket packet, CancellationToken cancellationToken) =>
        Answer(PacketType.Unsuback, packet.PacketId, await TryAsync(delivery.UnsubscribeAsync(packet.Filters, cancellationToken), packet.Filters.Count));

    /// <summary>What cannot be done now has failed for all; the session says by itself when it is no more.</summary>
    private static async Task<ReasonCode[]> TryAsync(Task<ReasonCode[]> task, int count)
    {
        try
        {
            return await task;
        }
        catch (Exception e) when (e is StreamBrokenException or SessionRefusedException)
        {
            var failed = new ReasonCode[count];
            Array.Fill(failed, ReasonCode.UnspecifiedError);
            return failed;
        }
    }

    private void Answer(PacketType type, ushort packetId, ReasonCode[] reasons)
    {
        foreach (var reason in reasons)
        {
            if (reason >= ReasonCode.UnspecifiedError)
            {
                client.Server.Metrics.RefusedWith(type, reason);
            }
        }

        output.Write(new SubscriptionAnswerPacket { Type = type, PacketId = packetId, Reasons = reasons });
    }

    private void Refuse(PacketType type, MqttError error)
    {
        client.Server.Metrics.RefusedWith(type, error.Reason);
        output.Disconnect(error);
    }
}
