using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Sessions;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>Sends one client what has to wait for it: for room in its output, for its acknowledgements, and for what its session has to know first.</summary>
internal sealed class ClientSender(IPacketOutput output, ISession session, TimeProvider time, ReportClock reports, CancellationToken ended)
{
    private readonly Lock _gate = new();
    private List<InFlight>? _received;
    private Window? _window;

    /// <summary>Made when it is first needed: a client that is sent QoS 0 alone has none.</summary>
    public Window Window => _window ?? Interlocked.CompareExchange(ref _window, new(session, output.ReceiveMaximum), null) ?? _window;

    public CancellationToken Ended => ended;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>The lower one of published and granted QoS; false: not to be sent, having expired or being too large.</summary>
    public bool IsSendable(in Outgoing outgoing, MqttPropertiesBuilder properties)
    {
        if (outgoing.Message.Expires && outgoing.Message.HasExpired(Now))
        {
            DeliveryTelemetry.Dropped(DropReason.Expired);
            return false;
        }

        if (Packet(outgoing, 1, properties).Size(output.Version) > output.MaximumPacketSize)
        {
            DeliveryTelemetry.Dropped(DropReason.TooLarge);
            return false;
        }

        return true;
    }

    /// <summary>Sends them in their order. One slot of the window has been taken for each that is to be acknowledged.</summary>
    public async Task SendAsync(List<Outgoing> batch, TopicProgress? progress, List<PartitionOffset> passed, MqttPropertiesBuilder properties)
    {
        var entries = new InFlight?[batch.Count];
        await Window.EnterAsync(batch, entries, progress, passed, ended);
        reports.Add(Window);
        for (var i = 0; i < batch.Count; i++)
        {
            await PublishAsync(batch[i], entries[i]?.PacketId ?? 0, properties);
        }
    }

    /// <summary>Waits for room.</summary>
    public async ValueTask PublishAsync(Outgoing outgoing, ushort packetId, MqttPropertiesBuilder properties, bool isDuplicate = false)
    {
        using var activity = outgoing.IsLive ? null : DeliveryTrace.Start(outgoing);
        var packet = Packet(outgoing, packetId, properties) with { IsDuplicate = isDuplicate };
        while (!output.TryPublish(packet))
        {
            await output.WaitForRoomAsync(ended);
            ended.ThrowIfCancellationRequested();
        }

        DeliveryTelemetry.Published(packet.QualityOfService, 1);
    }

    private PublishPacket Packet(in Outgoing outgoing, ushort packetId, MqttPropertiesBuilder properties)
    {
        properties.Clear();
        if (output.Version == MqttVersion.V5)
        {
            outgoing.Message.AddProperties(properties, Now);
            outgoing.Matched.AddIdentifiers(properties);
        }

        return outgoing.Message.ToPacket(
            outgoing.QualityOfService, outgoing.IsRetained || (outgoing.Matched.RetainAsPublished && outgoing.Message.WasRetained), properties.Build()) with
        {
            PacketId = outgoing.QualityOfService == QualityOfService.AtMostOnce ? (ushort)0 : packetId,
        };
    }

    /// <inheritdoc cref="IDelivery.Acknowledge"/>
    public void Acknowledge(PacketType type, ushort packetId, ReasonCode reason)
    {
        if (_window is null || !_window.TryFind(packetId, out var entry))
        {
            if (type == PacketType.Pubrec && reason < ReasonCode.UnspecifiedError)
            {
                output.Write(new AcknowledgePacket(PacketType.Pubrel, packetId, ReasonCode.PacketIdentifierNotFound));
            }

            return;
        }

        var isExact = entry.QualityOfService == QualityOfService.ExactlyOnce;
        switch (type)
        {
            // [MQTT-4.3.2, 4.3.3] A reason code that says no settles it as well.
            case PacketType.Puback when !isExact:
            case PacketType.Pubrec when isExact && reason >= ReasonCode.UnspecifiedError:
            case PacketType.Pubcomp when isExact && entry.IsReceived:
                Settle(entry);
                break;
            case PacketType.Pubrec when isExact && entry.IsReleased:
                output.Write(new AcknowledgePacket(PacketType.Pubrel, packetId));
                break;
            case PacketType.Pubrec when isExact && !entry.IsReceived:
                entry.IsReceived = true;
                Release(entry);
                break;
        }
    }

    /// <summary>PUBREL goes out once it is durable that PUBREC has come; all that come meanwhile make the next step.</summary>
    private void Release(InFlight entry)
    {
        lock (_gate)
        {
            if (_received is not null)
            {
                _received.Add(entry);
                return;
            }

            _received = [];
        }

        _ = ReleaseAsync([entry]);
    }

    private async Task ReleaseAsync(List<InFlight> step)
    {
        try
        {
            while (step.Count > 0)
            {
                var record = new MqttDelivery();
                foreach (var entry in step)
                {
                    record.Received.Add(entry.PacketId);
                }

                await session.RecordAsync(record, ended);
                foreach (var entry in step)
                {
                    WriteRelease(entry);
                }

                lock (_gate)
                {
                    (step, _received) = (_received!, _received!.Count == 0 ? null : []);
                }
            }
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    public void Settle(InFlight entry)
    {
        Window.Settle(entry);
        reports.Add(Window);
    }

    /// <summary>The connection has ended: its session is told of what is unsettled.</summary>
    public void ReportLast()
    {
        if (_window is not null)
        {
            reports.Remove(_window);
            _window.ReportLast();
        }
    }

    public void WriteRelease(InFlight entry)
    {
        entry.IsReleased = true;
        output.Write(new AcknowledgePacket(PacketType.Pubrel, entry.PacketId));
    }

    /// <summary>What is sent to the client cannot go on: the connection ends, unless it has already.</summary>
    public void Fail(Exception e)
    {
        if (ended.IsCancellationRequested || e is OperationCanceledException)
        {
            return;
        }

        output.Disconnect(e is SessionRefusedException refused
            ? new MqttError(refused.Reason, refused.Message)
            : new MqttError(ReasonCode.ImplementationSpecificError, "the delivery of messages has failed"));
    }
}
