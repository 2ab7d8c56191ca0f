using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Zilla.Edge.Listeners;

internal static partial class ListenersLog
{
    [LoggerMessage(1, LogLevel.Information, "Listening on {EndPoint} for {Binding}")]
    public static partial void Opened(ILogger logger, IPEndPoint endPoint, string binding);

    [LoggerMessage(2, LogLevel.Information, "No longer listening on {EndPoint} for {Binding}")]
    public static partial void Closed(ILogger logger, IPEndPoint endPoint, string binding);

    [LoggerMessage(3, LogLevel.Warning, "Accepting on {EndPoint} failed: {Error}")]
    public static partial void AcceptFailed(ILogger logger, IPEndPoint endPoint, SocketError error);

    [LoggerMessage(5, LogLevel.Error, "A connection on {EndPoint} failed")]
    public static partial void ConnectionFailed(ILogger logger, IPEndPoint endPoint, Exception error);
}
