using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Connections;

/// <summary>Says in words why something is refused (reason string, §3.2.2.3.9 and others).</summary>
internal static class ReasonText
{
    public static MqttProperties Of(MqttError error) => Of(error.Cause);

    public static MqttProperties Of(string cause) => cause.Length == 0 ? default : new MqttPropertiesBuilder().Add(PropertyId.ReasonString, (MqttString)cause).Build();
}
