using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Zilla.Streams.V1;

namespace Zilla.Edge.Http;

internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Warning, "{Method} {Path} (trace {Trace}) could not be served, {Cause}: {Reason}")]
    public static partial void Broken(ILogger logger, string method, PathString path, string trace, Cause cause, string reason);

    [LoggerMessage(3, LogLevel.Information, "The response to {Method} {Path} was cut: its client does not read it")]
    public static partial void Cut(ILogger logger, string method, PathString path);

    [LoggerMessage(2, LogLevel.Error, "{Method} {Path} (trace {Trace}) failed")]
    public static partial void Failed(ILogger logger, string method, PathString path, string trace, Exception error);
}
