using Zilla.EdgeMqtt.Delivery;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Publishing;
using Zilla.EdgeMqtt.Sessions;

namespace Zilla.EdgeMqtt.Server;

/// <summary>An mqtt-kafka binding, compiled.</summary>
/// <param name="Name">Of the binding.</param>
/// <param name="Space">Where its sessions are.</param>
/// <param name="MaximumQoS">The most that clients may publish with.</param>
/// <param name="Mapping">Of what is published, to records.</param>
/// <param name="Topics">Where what is subscribed to comes from.</param>
internal sealed record MqttKafkaModel(string Name, SessionSpace Space, QualityOfService MaximumQoS, IMessageMapping Mapping, IMessageTopics Topics);
