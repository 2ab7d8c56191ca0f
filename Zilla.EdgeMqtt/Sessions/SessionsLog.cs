using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Sessions;

internal static partial class SessionsLog
{
    [LoggerMessage(1, LogLevel.Debug, "The stream of {Key} to its owner is lost, {Cause}: {Reason}", EventName = "SessionStreamLost")]
    public static partial void Lost(ILogger logger, string key, Cause cause, string reason);

    [LoggerMessage(2, LogLevel.Debug, "{Key} is attached to its owner, session present: {Present}, again: {Again}", EventName = "SessionAttached")]
    public static partial void Attached(ILogger logger, string key, bool present, bool again);

    [LoggerMessage(3, LogLevel.Error, "The session of {Key} met a fault", EventName = "SessionFault")]
    public static partial void Fault(ILogger logger, Exception fault, string key);
}
