using Zilla.Config.Events;

namespace Zilla.Control;

#pragma warning disable SYSLIB1025 // two ways for one event of the reference to come about

internal static partial class ControlLog
{
    [LoggerMessage(1, LogLevel.Information, "Revision {Revision} of '{Namespace}' from {Source} is published: {Listeners} listeners, {Clusters} clusters")]
    public static partial void Published(ILogger logger, long revision, string @namespace, string source, int listeners, int clusters);

    [LoggerMessage(2, LogLevel.Information, "{Source} says what revision {Revision} says already")]
    public static partial void Unchanged(ILogger logger, string source, long revision);

    [LoggerMessage(3, LogLevel.Error, "{Source} is refused with {Count} mistakes; {InForce}", EventName = EventNames.ConfigWatcherFailed)]
    public static partial void Refused(ILogger logger, string source, int count, string inForce);

    [LoggerMessage(4, LogLevel.Error, "{Source}:{Line}:{Column}: {Message}")]
    public static partial void Mistake(ILogger logger, string source, int line, int column, string message);

    [LoggerMessage(5, LogLevel.Error, "{Source} cannot be read: {Reason}; {InForce}", EventName = EventNames.ConfigWatcherFailed)]
    public static partial void Unreadable(ILogger logger, string source, string reason, string inForce);

    [LoggerMessage(6, LogLevel.Error, "Zilla:Config is not set: there is nothing to run")]
    public static partial void NothingConfigured(ILogger logger);

    [LoggerMessage(7, LogLevel.Error, "The revision kept in {Path} is skipped, a new epoch begins: {Reason}")]
    public static partial void RevisionUnreadable(ILogger logger, string path, string reason);

    [LoggerMessage(8, LogLevel.Error, "The revision could not be kept in {Path}, the configuration is not published: {Reason}")]
    public static partial void RevisionNotKept(ILogger logger, string path, string reason);

    [LoggerMessage(9, LogLevel.Information, "{Instance} of {Service} is connected")]
    public static partial void InstanceConnected(ILogger logger, string service, string instance);

    [LoggerMessage(10, LogLevel.Information, "{Instance} of {Service} is gone")]
    public static partial void InstanceGone(ILogger logger, string service, string instance);

    [LoggerMessage(11, LogLevel.Error, "{Instance} of {Service} refuses revision {Revision}: {Reason}")]
    public static partial void InstanceRefused(ILogger logger, string service, string instance, long revision, string reason);

    [LoggerMessage(12, LogLevel.Warning, "Changes of {Path} are not told by the file system, it is looked at every {Interval}: {Reason}")]
    public static partial void NotWatched(ILogger logger, string path, TimeSpan interval, string reason);

    [LoggerMessage(13, LogLevel.Error, "The configuration that was put, kept in {Path}, is skipped: {Reason}")]
    public static partial void PutUnreadable(ILogger logger, string path, string reason);

    [LoggerMessage(14, LogLevel.Error, "What was put could not be kept in {Path}: {Reason}")]
    public static partial void PutNotKept(ILogger logger, string path, string reason);
}
