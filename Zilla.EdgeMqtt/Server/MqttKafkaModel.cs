using Zilla.EdgeMqtt.Mapping;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Sessions;

namespace Zilla.EdgeMqtt.Server;

/// <summary>An mqtt-kafka binding, compiled.</summary>
/// <param name="Name">Of the binding.</param>
/// <param name="Space">Where its sessions are.</param>
/// <param name="MaximumQoS">The most that clients may publish with.</param>
/// <param name="Mapping">Between messages and records.</param>
internal sealed record MqttKafkaModel(string Name, SessionSpace Space, QualityOfService MaximumQoS, MessageMapping Mapping);
