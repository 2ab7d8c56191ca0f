using Zilla.Streams.V1;

namespace Zilla.EdgeHttp.SseKafka;

internal static partial class SseKafkaLog
{
    [LoggerMessage(1, LogLevel.Information, "The events of {Path} end, {Cause}: {Reason}")]
    public static partial void Ended(ILogger logger, string path, Cause cause, string reason);
}
