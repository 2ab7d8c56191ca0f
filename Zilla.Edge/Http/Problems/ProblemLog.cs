using Microsoft.Extensions.Logging;

namespace Zilla.Edge.Http.Problems;

internal static partial class ProblemLog
{
    [LoggerMessage(1, LogLevel.Debug, "A request was refused with {Status}: {Reason}")]
    public static partial void Refused(ILogger logger, int status, string reason);
}
