using System.Net;
using Microsoft.Extensions.Logging;

namespace Zilla.Edge.Proxy;

internal static partial class ProxyLog
{
    /// <summary>Clients can cause any number of these: they are counted, and told to who wants to know.</summary>
    [LoggerMessage(1, LogLevel.Debug, "The connection of {Client} with {Binding} is closed: {Reason}")]
    public static partial void Refused(ILogger logger, EndPoint? client, string binding, string reason);
}
