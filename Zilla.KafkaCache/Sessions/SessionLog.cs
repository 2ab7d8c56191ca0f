namespace Zilla.KafkaCache.Sessions;

internal static partial class SessionLog
{
    [LoggerMessage(1, LogLevel.Warning, "Sessions {Topic}/{Partition}: the record {Record} of {ClientId} cannot be read and counts as absent")]
    public static partial void RecordUnreadable(ILogger logger, string topic, int partition, SessionRecords record, string clientId);

    [LoggerMessage(2, LogLevel.Warning, "Sessions {Topic}/{Partition}: {ClientId} has a will whose message is not there; it has none from now on")]
    public static partial void WillMissing(ILogger logger, string topic, int partition, string clientId);

    [LoggerMessage(3, LogLevel.Warning, "Sessions {Topic}/{Partition}: the will of {ClientId} cannot be published and is dropped: {Reason}")]
    public static partial void WillRefused(ILogger logger, string topic, int partition, string clientId, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Sessions {Topic}/{Partition}: {ClientId} is let go of, its connection attaches again: {Reason}")]
    public static partial void SessionFailed(ILogger logger, string topic, int partition, string clientId, string reason);

    [LoggerMessage(5, LogLevel.Error, "Sessions {Topic}/{Partition}: {ClientId} met a fault")]
    public static partial void SessionFault(ILogger logger, Exception fault, string topic, int partition, string clientId);

    [LoggerMessage(6, LogLevel.Debug, "Sessions {Topic}/{Partition}: {ClientId} was taken over")]
    public static partial void TakenOver(ILogger logger, string topic, int partition, string clientId);

    [LoggerMessage(7, LogLevel.Debug, "Sessions {Topic}/{Partition}: {ClientId} has expired")]
    public static partial void Expired(ILogger logger, string topic, int partition, string clientId);

    [LoggerMessage(8, LogLevel.Debug, "Sessions {Topic}/{Partition}: {ClientId} was not attached again in time")]
    public static partial void Gone(ILogger logger, string topic, int partition, string clientId);

    [LoggerMessage(9, LogLevel.Information, "Sessions {Topic}/{Partition}: epoch {Epoch} begins, {Signals} wills and expiries stand")]
    public static partial void Owned(ILogger logger, string topic, int partition, long epoch, int signals);

    [LoggerMessage(10, LogLevel.Warning, "Sessions {Topic}/{Partition}: wills and expiries cannot be looked for now: {Reason}")]
    public static partial void SweepFailed(ILogger logger, string topic, int partition, string reason);

    [LoggerMessage(11, LogLevel.Information, "Shared subscription {Group} begins at {Progress}")]
    public static partial void ShareBegins(ILogger logger, string group, string progress);

    [LoggerMessage(12, LogLevel.Information, "Shared subscription {Group} has no clients any more")]
    public static partial void ShareEnds(ILogger logger, string group);

    [LoggerMessage(13, LogLevel.Warning, "Shared subscription {Group} cannot read now: {Reason}")]
    public static partial void ShareInterrupted(ILogger logger, string group, string reason);

    [LoggerMessage(14, LogLevel.Warning, "Shared subscription {Group}: its progress cannot be written now: {Reason}")]
    public static partial void ShareUnwritten(ILogger logger, string group, string reason);
}
