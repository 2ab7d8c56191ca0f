using Zilla.Edge.Guards;
using Zilla.EdgeMqtt.Mapping;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Sessions;

namespace Zilla.EdgeMqtt.Server;

/// <summary>An mqtt-kafka binding, compiled.</summary>
/// <param name="Name">Of the binding.</param>
/// <param name="Space">Where its sessions are.</param>
/// <param name="MaximumQoS">The most that clients may publish with.</param>
/// <param name="Mapping">Between messages and records.</param>
/// <param name="Definition">What the binding says, as text.</param>
internal sealed record MqttKafkaModel(string Name, SessionSpace Space, QualityOfService MaximumQoS, MessageMapping Mapping, string Definition)
{
    /// <summary>For a client of these grants, which may not open all of its routes.</summary>
    public MqttKafkaModel For(Grants grants) => Mapping.For(grants) is var mapping && mapping == Mapping ? this : this with { Mapping = mapping };

    /// <summary>Sessions and messages are where they were.</summary>
    public bool SaysTheSame(MqttKafkaModel other) => Space == other.Space && Definition == other.Definition;
}
