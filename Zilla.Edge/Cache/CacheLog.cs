using Microsoft.Extensions.Logging;
using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

internal static partial class CacheLog
{
    [LoggerMessage(1, LogLevel.Information, "The live stream of {Topic} is lost, {Cause}: {Reason}")]
    public static partial void FeedLost(ILogger logger, TopicName topic, Cause cause, string reason);

    [LoggerMessage(2, LogLevel.Debug, "History of {Topic} is interrupted, {Cause}: {Reason}")]
    public static partial void HistoryLost(ILogger logger, TopicName topic, Cause cause, string reason);

    [LoggerMessage(3, LogLevel.Debug, "No stream to {Replica}: {Reason}")]
    public static partial void ReplicaSkipped(ILogger logger, string replica, string reason);

    [LoggerMessage(4, LogLevel.Information, "There is a replica of the cache at {Address}, of {Name}")]
    public static partial void ReplicaFound(ILogger logger, Uri address, Uri name);

    [LoggerMessage(5, LogLevel.Information, "The replica of the cache at {Address}, of {Name}, has gone")]
    public static partial void ReplicaGone(ILogger logger, Uri address, Uri name);

    [LoggerMessage(7, LogLevel.Information, "The stream for records to {Topic} is lost, {Cause}: {Reason}")]
    public static partial void PipeLost(ILogger logger, TopicName topic, Cause cause, string reason);

    [LoggerMessage(8, LogLevel.Error, "The stream for records to {Topic} met a fault")]
    public static partial void PipeFault(ILogger logger, Exception fault, TopicName topic);

    [LoggerMessage(9, LogLevel.Error, "Telling what became of a record met a fault")]
    public static partial void ReceiverFailed(ILogger logger, Exception fault);

    [LoggerMessage(6, LogLevel.Debug, "{Name} cannot be looked up: {Reason}")]
    public static partial void NameUnknown(ILogger logger, Uri name, string reason);
}
