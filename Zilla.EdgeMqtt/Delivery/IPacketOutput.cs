using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// The way out of a connection: packets are encoded into its buffer at once and sent by its one write loop, as many at a time as there are. Safe for several
/// threads; a packet is never cut.
/// </summary>
internal interface IPacketOutput
{
    MqttVersion Version { get; }

    /// <summary>The most QoS 1 and 2 messages that may be under way to the client (§3.1.2.11.3).</summary>
    ushort ReceiveMaximum { get; }

    /// <summary>The highest alias that the client accepts; 0 = none. Which topic has which is the output's business.</summary>
    ushort TopicAliasMaximum { get; }

    /// <summary>Bytes of the largest packet that the client accepts (§3.1.2.11.4); <see cref="uint.MaxValue"/> = no limit.</summary>
    uint MaximumPacketSize { get; }

    /// <summary>False: there is no room for it now (byte budget), it is larger than the client allows, or the connection has ended. Nothing was written.</summary>
    bool TryPublish(in PublishPacket packet);

    /// <summary>
    /// The same for a QoS 0 message that many connections are sent: <paramref name="encoded"/> is the whole packet in this connection's version.
    /// </summary>
    bool TryPublish(ReadOnlyMemory<byte> encoded);

    /// <summary>PUBREL and acknowledgements: they always find room, being bounded by the windows.</summary>
    void Write(in AcknowledgePacket packet);

    /// <summary>Completes when there is room again after <see cref="TryPublish(in PublishPacket)"/> said no.</summary>
    /// <exception cref="OperationCanceledException">The connection has ended.</exception>
    ValueTask WaitForRoomAsync(CancellationToken cancellationToken);

    /// <summary>Ends the connection: DISCONNECT with the reason in MQTT 5, then close.</summary>
    void Disconnect(MqttError error);
}
