using Zilla.EdgeMqtt.Delivery;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Publishing;
using Zilla.EdgeMqtt.Server;
using Zilla.EdgeMqtt.Sessions;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Connections;

/// <summary>What a connected client sends, packet after packet. Whatever is against the standard ends the connection with its reason code.</summary>
internal sealed class ClientPackets(Client client, PacketOutput output, ISession session, IDelivery delivery, MqttParts parts)
{
    private readonly SubscriptionHandler _subscriptions = new(client, output, delivery);
    private PublishHandler? _publish;

    /// <summary>What DISCONNECT of the client said; null: there was none.</summary>
    public MqttEndEx? Goodbye { get; private set; }

    /// <summary>Many clients never publish.</summary>
    private PublishHandler Publish => _publish ??= new(client, output, session, parts);

    /// <summary>Completed, unless something has to be waited for before the next may be handled.</summary>
    public ValueTask HandleAsync(in MqttFrame frame, CancellationToken cancellationToken)
    {
        switch (frame.Type)
        {
            case PacketType.Publish:
                return Publish.HandleAsync(frame, cancellationToken);
            case PacketType.Puback or PacketType.Pubrec or PacketType.Pubrel or PacketType.Pubcomp:
                Acknowledged(frame, cancellationToken);
                break;
            case PacketType.Subscribe:
                return _subscriptions.SubscribeAsync(frame, cancellationToken);
            case PacketType.Unsubscribe:
                return _subscriptions.UnsubscribeAsync(frame, cancellationToken);
            case PacketType.Pingreq:
                Ping(frame);
                break;
            case PacketType.Disconnect:
                Disconnected(frame);
                break;
            case PacketType.Connect:
                Fail(MqttError.Protocol("a second CONNECT (MQTT-3.1.0-2)"));
                break;
            case PacketType.Auth:
                Fail(MqttError.Protocol("AUTH without an authentication method in CONNECT (4.12)"));
                break;
            default:
                Fail(MqttError.Protocol("a packet that only servers send (2.1.2)"));
                break;
        }

        return default;
    }

    /// <summary>Ends the connection on account of what the client sent.</summary>
    public void Fail(MqttError error)
    {
        client.Server.Metrics.RefusedWith(PacketType.Disconnect, error.Reason);
        output.Disconnect(error);
    }

    /// <summary>Has the session drop the will. Not to be waited for: how the connection ends is told behind it.</summary>
    public async Task ForgetWillAsync()
    {
        try
        {
            await session.SubscribeAsync(new() { ForgetWill = true }, CancellationToken.None);
        }
        catch (Exception e) when (e is StreamBrokenException or SessionRefusedException)
        {
            // It is another connection's by now, or nobody's; or it cannot be written, and the session is let go of.
        }
    }

    private void Acknowledged(in MqttFrame frame, CancellationToken cancellationToken)
    {
        if (!AcknowledgePacket.TryRead(frame, client.Version, out var packet, out var error))
        {
            Fail(error);
        }
        else if (packet.Type == PacketType.Pubrel)
        {
            Publish.Release(packet.PacketId, cancellationToken);
        }
        else
        {
            delivery.Acknowledge(packet.Type, packet.PacketId, packet.Reason);
        }
    }

    private void Ping(in MqttFrame frame)
    {
        if (PingPacket.TryRead(frame, out var error))
        {
            output.WritePingResponse();
        }
        else
        {
            Fail(error);
        }
    }

    private void Disconnected(in MqttFrame frame)
    {
        if (!ReasonPacket.TryRead(frame, client.Version, MqttSender.Client, out var packet, out var error))
        {
            Fail(error);
            return;
        }

        var expiry = packet.Properties.SessionExpiryInterval;
        if (expiry > 0 && client.SessionExpiry == 0)
        {
            // 3.14.2.2.2: a session that was to end with its connection cannot be given a life then.
            Fail(MqttError.Protocol("a session expiry interval in DISCONNECT where CONNECT had none (3.14.2.2.2)"));
            return;
        }

        Goodbye = new() { How = packet.Reason == ReasonCode.Success ? MqttEndEx.Types.How.Closed : MqttEndEx.Types.How.WithWill };
        if (expiry is { } asked)
        {
            Goodbye.Expiry = client.Server.Limits.SessionExpiry is { } longest ? Math.Min(asked, (uint)longest.TotalSeconds) : asked;
        }

        output.End();
    }
}
