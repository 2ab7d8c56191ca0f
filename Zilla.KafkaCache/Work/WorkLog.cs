namespace Zilla.KafkaCache.Work;

internal static partial class WorkLog
{
    [LoggerMessage(1, LogLevel.Information, "Group {Group}: calls in {Topic}/{Partition} are taken from offset {Offset} on", EventName = "WorkTaken")]
    public static partial void Taken(ILogger logger, string group, string topic, int partition, long offset);

    [LoggerMessage(2, LogLevel.Information, "Group {Group}: {Topic}/{Partition} goes to another replica, {Unfinished} calls unfinished", EventName = "WorkGivenUp")]
    public static partial void GivenUp(ILogger logger, string group, string topic, int partition, int unfinished);

    [LoggerMessage(3, LogLevel.Warning, "Group {Group}: calls in {Topic} cannot be read now: {Reason}", EventName = "WorkInterrupted")]
    public static partial void Interrupted(ILogger logger, string group, string topic, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Group {Group}: offsets of {Topic} were not committed: {Reason}", EventName = "WorkUncommitted")]
    public static partial void Uncommitted(ILogger logger, string group, string topic, string reason);

    [LoggerMessage(5, LogLevel.Error, "Group {Group}: the call at {Topic}/{Partition}@{Offset}, {Records} records, could not be made: {Reason}", EventName = "WorkPoisoned")]
    public static partial void Poisoned(ILogger logger, string group, string topic, int partition, long offset, int records, string reason);

    [LoggerMessage(6, LogLevel.Error, "Group {Group}: {Topic}/{Partition}@{Offset} was not written to the dead-letter topic {DeadLetter}: {Reason}", EventName = "DeadLetterRefused")]
    public static partial void DeadLetterRefused(ILogger logger, string group, string topic, int partition, long offset, string deadLetter, string reason);

    [LoggerMessage(8, LogLevel.Warning, "Group {Group}: no edge that is there has a route for a call, which waits for one that has, for {Limit} at most: {Reason}", EventName = "WorkUnrouted")]
    public static partial void Unrouted(ILogger logger, string group, TimeSpan limit, string reason);

    [LoggerMessage(7, LogLevel.Error, "Group {Group}: a fault", EventName = "WorkFault")]
    public static partial void Fault(ILogger logger, Exception fault, string group);
}
