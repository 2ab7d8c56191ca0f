using System.Net;

namespace Zilla.DevKafka.Listeners;

internal static partial class ListenersLog
{
    [LoggerMessage(1, LogLevel.Information, "DevKafka listens on {Host}:{Port}")]
    public static partial void Listening(this ILogger logger, string host, int port);

    [LoggerMessage(2, LogLevel.Warning, "Connection {Connection} from {Client} closed: {Reason}")]
    public static partial void Refused(this ILogger logger, long connection, IPAddress client, string reason);

    [LoggerMessage(3, LogLevel.Debug, "Connection {Connection} from {Client} ended: {Reason}")]
    public static partial void Ended(this ILogger logger, long connection, IPAddress client, string reason);

    [LoggerMessage(4, LogLevel.Error, "Connection {Connection} from {Client} closed: a request failed")]
    public static partial void Failed(this ILogger logger, long connection, IPAddress client, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "A connection was refused: {Limit} are open already")]
    public static partial void TooMany(this ILogger logger, int limit);

    [LoggerMessage(6, LogLevel.Warning, "Accepting a connection failed")]
    public static partial void AcceptFailed(this ILogger logger, Exception exception);

    [LoggerMessage(7, LogLevel.Debug, "The TLS handshake of connection {Connection} failed: {Reason}")]
    public static partial void HandshakeFailed(this ILogger logger, long connection, string reason);
}
