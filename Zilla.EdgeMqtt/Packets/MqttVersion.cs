namespace Zilla.EdgeMqtt.Packets;

/// <summary>The protocol level of CONNECT (§3.1.2.2 of either standard), the value on the wire.</summary>
internal enum MqttVersion : byte
{
    /// <summary>MQTT 3.1.1.</summary>
    V311 = 4,

    /// <summary>MQTT 5.0.</summary>
    V5 = 5,
}
