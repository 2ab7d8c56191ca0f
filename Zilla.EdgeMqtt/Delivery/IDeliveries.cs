using Zilla.EdgeMqtt.Sessions;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>Makes the delivery of each connection; one of it per edge, which reads each topic of Kafka once.</summary>
internal interface IDeliveries
{
    /// <summary>Nothing is sent before <see cref="IDelivery.Resume"/>. Dispose it before the session is closed: what is unsettled is reported then.</summary>
    IDelivery Create(string clientId, IPacketOutput output, ISession session, IMessageTopics topics);
}
