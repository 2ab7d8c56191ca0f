using System.Buffers;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Sessions;

/// <summary>
/// The session of a connected client. A lost owner does not show: the session attaches to the next one by itself, sends again what was not answered, and the
/// calls below take as long. Calls may overlap; the owner sees them in their order.
/// </summary>
internal interface ISession : IAsyncDisposable
{
    /// <summary>As it was when the connection attached.</summary>
    MqttAttached Attached { get; }

    /// <summary>Completes when the session is this connection's no more (taken over, refused by its next owner): with the reason for DISCONNECT.</summary>
    Task<MqttError> Ended { get; }

    /// <summary>Returns when the change is durable; that the will is to be forgotten, too.</summary>
    Task SubscribeAsync(MqttSubscribe change, CancellationToken cancellationToken);

    /// <summary>
    /// A QoS 2 publish: returns after the commit of record and packet id; for a packet id that waits for its PUBREL nothing is written. What is given is copied
    /// before the call gives its task.
    /// </summary>
    Task PublishAsync(MqttPublish publish, ReadOnlySequence<byte> value, CancellationToken cancellationToken);

    /// <summary>PUBREL: returns when it is durable that the packet id is free.</summary>
    Task ReleaseAsync(ushort packetId, CancellationToken cancellationToken);

    /// <summary>What the client has been sent and has acknowledged; returns when it is durable.</summary>
    Task RecordAsync(MqttDelivery delivery, CancellationToken cancellationToken);

    /// <summary>The same where it may come late: kept for up to a second, merged with what follows.</summary>
    void Report(MqttDelivery delivery);

    /// <summary>Takes part in a shared subscription.</summary>
    Task<IShare> ShareAsync(MqttShare share, CancellationToken cancellationToken);

    /// <summary>The connection has ended in an orderly way or not. Returns when it is durable, bounded. Disposing without it counts as lost.</summary>
    Task CloseAsync(MqttEndEx end, CancellationToken cancellationToken);
}
