using Microsoft.Extensions.Logging;

namespace Zilla.Edge.Limits;

internal static partial class LimitLog
{
    [LoggerMessage(1, LogLevel.Warning, "{Binding} is at its limit '{Limit}': {Count} refused since last said")]
    public static partial void Refused(ILogger logger, string binding, string limit, long count);
}
