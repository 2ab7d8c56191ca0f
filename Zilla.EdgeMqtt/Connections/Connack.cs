using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Connections;

/// <summary>What CONNACK tells a client of MQTT 5 (§3.2.2.3); what is as the standard has it by default is not told: retained messages, wildcards, identifiers and shares are there.</summary>
internal static class Connack
{
    public static MqttProperties Terms(ConnectPacket packet, Client client)
    {
        var properties = new MqttPropertiesBuilder();
        var limits = client.Server.Limits;
        if (client.SessionExpiry != (packet.Properties.SessionExpiryInterval ?? 0))
        {
            properties.Add(PropertyId.SessionExpiryInterval, client.SessionExpiry);
        }

        if (limits.ReceiveMaximum < ushort.MaxValue)
        {
            properties.Add(PropertyId.ReceiveMaximum, (uint)limits.ReceiveMaximum);
        }

        if (client.Kafka.MaximumQoS < QualityOfService.ExactlyOnce)
        {
            properties.Add(PropertyId.MaximumQoS, (uint)client.Kafka.MaximumQoS);
        }

        properties.Add(PropertyId.MaximumPacketSize, (uint)limits.Packet);
        if (packet.ClientId.IsEmpty)
        {
            properties.Add(PropertyId.AssignedClientIdentifier, client.IdBytes);
        }

        if (limits.TopicAliases > 0)
        {
            properties.Add(PropertyId.TopicAliasMaximum, (uint)limits.TopicAliases);
        }

        if (client.KeepAlive != packet.KeepAlive)
        {
            properties.Add(PropertyId.ServerKeepAlive, client.KeepAlive);
        }

        return properties.Build();
    }
}
