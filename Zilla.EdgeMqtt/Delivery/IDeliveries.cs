using Zilla.EdgeMqtt.Sessions;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>Makes the delivery of each connection; one of it per edge, which reads each topic of Kafka once.</summary>
internal interface IDeliveries
{
    /// <summary>Nothing is sent before <see cref="IDelivery.Resume"/>. Dispose it before the session is closed: what is unsettled is reported then.</summary>
    /// <param name="clientId">UTF-8; is kept.</param>
    /// <param name="output">The way to the client.</param>
    /// <param name="session">Its session, attached.</param>
    /// <param name="topics">Where its messages are.</param>
    IDelivery Create(ReadOnlyMemory<byte> clientId, IPacketOutput output, ISession session, IMessageTopics topics);
}
