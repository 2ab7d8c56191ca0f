using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Zilla.Config.Events;
using Zilla.Streams.V1;

namespace Zilla.Edge.Http;

internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Warning, "{Method} {Path} (trace {Trace}) could not be served, {Cause}: {Reason}")]
    public static partial void Broken(ILogger logger, string method, PathString path, string trace, Cause cause, string reason);

    [LoggerMessage(3, LogLevel.Information, "The response to {Method} {Path} was cut: its client does not read it")]
    public static partial void Cut(ILogger logger, string method, PathString path);

    /// <summary>One for each request: for who wants to know. The query may hold credentials.</summary>
    [LoggerMessage(4, LogLevel.Debug, "{Method} {Scheme}://{Host}{Path} is accepted by {Binding} (trace {Trace})", EventName = EventNames.HttpRequestAccepted)]
    public static partial void Accepted(ILogger logger, string binding, string method, string scheme, HostString host, PathString path, string trace);

    [LoggerMessage(2, LogLevel.Error, "{Method} {Path} (trace {Trace}) failed")]
    public static partial void Failed(ILogger logger, string method, PathString path, string trace, Exception error);
}
