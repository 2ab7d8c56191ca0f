using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// What one connection is sent: its subscriptions, the messages that match them from the live feeds and from history, retained messages, and the window of what
/// the client has not acknowledged yet. Calls come from the connection's read loop, one at a time.
/// </summary>
internal interface IDelivery : IAsyncDisposable
{
    /// <summary>
    /// Takes up what the session had: sends again what was not settled (DUP), then whatever was published meanwhile. Called once, after CONNACK was written.
    /// </summary>
    /// <param name="isAllowed">Of a filter that the session has (of a shared subscription, what stands behind the name): others are not in force, though the session keeps them.</param>
    void Resume(Predicate<MqttString> isAllowed);

    /// <summary>What is in force; of shared subscriptions what stands behind the name.</summary>
    IEnumerable<MqttString> Filters { get; }

    /// <summary>
    /// Subscribes to what the routes and guards have allowed. Returns when it is durable and in force, with one granted QoS or refusal for each; retained messages
    /// follow SUBACK.
    /// </summary>
    /// <param name="subscriptions">Of one SUBSCRIBE. Copied where kept.</param>
    /// <param name="identifier">0 = none.</param>
    /// <param name="cancellationToken">The connection has ended.</param>
    Task<ReasonCode[]> SubscribeAsync(IReadOnlyList<Subscription> subscriptions, uint identifier, CancellationToken cancellationToken);

    /// <summary>0x00, or 0x11 for what was not subscribed to.</summary>
    Task<ReasonCode[]> UnsubscribeAsync(IReadOnlyList<TopicFilter> filters, CancellationToken cancellationToken);

    /// <summary>PUBACK, PUBREC or PUBCOMP of the client. An unknown packet id is answered as the standard has it (0x92), or passed over.</summary>
    void Acknowledge(PacketType type, ushort packetId, ReasonCode reason);
}
