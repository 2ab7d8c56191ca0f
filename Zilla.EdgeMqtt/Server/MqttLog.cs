using System.Net;
using Zilla.Config.Events;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Server;

/// <summary>Never what clients publish, nor their credentials.</summary>
internal static partial class MqttLog
{
    [LoggerMessage(1, LogLevel.Debug, "{Binding}: {Client} connected with {Version} from {Address}", EventName = EventNames.MqttClientConnected)]
    public static partial void Connected(ILogger logger, string binding, string client, MqttVersion version, EndPoint? address);

    [LoggerMessage(2, LogLevel.Information, "{Binding}: CONNECT from {Address} refused with 0x{Reason:X2}: {Cause}", EventName = "BINDING_MQTT_CLIENT_REFUSED")]
    public static partial void Refused(ILogger logger, string binding, EndPoint? address, int reason, string cause);

    [LoggerMessage(4, LogLevel.Error, "Connection {Connection} failed")]
    public static partial void Failed(ILogger logger, string connection, Exception error);

    [LoggerMessage(5, LogLevel.Warning, "The session of connection {Connection} was not closed in an orderly way: {Cause}")]
    public static partial void NotClosed(ILogger logger, string connection, string cause);

    [LoggerMessage(6, LogLevel.Information, "{Binding}: {Client} may not publish its will any more: it is dropped")]
    public static partial void WillForgotten(ILogger logger, string binding, string client);
}
