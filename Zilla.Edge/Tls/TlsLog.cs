using System.Net;
using Microsoft.Extensions.Logging;
using Zilla.Config.Events;

namespace Zilla.Edge.Tls;

internal static partial class TlsLog
{
    /// <summary>Clients can cause any number of these: they are counted, and told to who wants to know.</summary>
    [LoggerMessage(1, LogLevel.Debug, "The TLS handshake of {Client} with {Binding} failed: {Reason}", EventName = EventNames.TlsHandshakeFailed)]
    public static partial void HandshakeFailed(ILogger logger, EndPoint? client, string binding, string reason);

    [LoggerMessage(2, LogLevel.Information, "A store of a vault has changed: new connections get what it holds now")]
    public static partial void Reloaded(ILogger logger);

    [LoggerMessage(3, LogLevel.Warning, "A store of a vault has changed and cannot be used, the certificates before stay in force: {Reason}")]
    public static partial void NotReloaded(ILogger logger, string reason);
}
