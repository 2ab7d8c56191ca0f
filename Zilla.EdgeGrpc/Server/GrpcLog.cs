using Zilla.Streams.V1;

namespace Zilla.EdgeGrpc.Server;

internal static partial class GrpcLog
{
    [LoggerMessage(1, LogLevel.Information, "{Service}/{Method}: the cache ended the stream with {Cause}: {Reason}")]
    public static partial void Broken(ILogger logger, string service, string method, Cause cause, string reason);

    [LoggerMessage(2, LogLevel.Error, "{Path} (trace {Trace}), which was handed over, failed")]
    public static partial void Failed(ILogger logger, PathString path, string trace, Exception exception);
}
