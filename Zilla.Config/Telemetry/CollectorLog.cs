using Microsoft.Extensions.Logging;

namespace Zilla.Config.Telemetry;

internal static partial class CollectorLog
{
    [LoggerMessage(1, LogLevel.Error, "The collector of the exporter {Exporter} is not told anything: {Reason}")]
    public static partial void Unusable(ILogger logger, string exporter, string reason);
}
