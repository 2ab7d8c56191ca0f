namespace Zilla.EdgeMqtt.Packets;

/// <summary>Who sent a packet: a few packets allow one side what they forbid the other.</summary>
internal enum MqttSender
{
    Client,
    Server,
}
