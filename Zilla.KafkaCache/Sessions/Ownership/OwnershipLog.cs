using Zilla.Config.Events;

namespace Zilla.KafkaCache.Sessions.Ownership;

internal static partial class OwnershipLog
{
    [LoggerMessage(1, LogLevel.Information, "Sessions of {Topic}/{Partition} are owned here in epoch {Epoch}, {Milliseconds} ms after they were assigned", EventName = "SessionsClaimed")]
    public static partial void Claimed(ILogger logger, string topic, int partition, long epoch, long milliseconds);

    [LoggerMessage(2, LogLevel.Information, "Sessions of {Topic}/{Partition}, epoch {Epoch}, are given up: {Reason}", EventName = "SessionsGivenUp")]
    public static partial void GivenUp(ILogger logger, string topic, int partition, long epoch, string reason);

    [LoggerMessage(3, LogLevel.Warning, "Sessions of {Topic}/{Partition} cannot be claimed now: {Reason}", EventName = "ClaimFailed")]
    public static partial void ClaimFailed(ILogger logger, string topic, int partition, string reason);

    [LoggerMessage(4, LogLevel.Debug, "Sessions of {Topic}/{Partition}: a transaction is tried again: {Reason}", EventName = "TransactionRetried")]
    public static partial void TransactionRetried(ILogger logger, string topic, int partition, string reason);

    [LoggerMessage(5, LogLevel.Warning, "Sessions of {Topic} cannot be served: {Reason}", EventName = "SessionsUnserved")]
    public static partial void Unserved(ILogger logger, string topic, string reason);

    [LoggerMessage(6, LogLevel.Information, "Sessions of {Topic} can be served, {Partitions} partitions are shared by the replicas of group {Group}", EventName = "SessionsServed")]
    public static partial void Served(ILogger logger, string topic, int partitions, string group);

    [LoggerMessage(7, LogLevel.Warning, "Sharing the sessions of {Topic}: {Reason}", EventName = "MembershipFailed")]
    public static partial void MembershipFailed(ILogger logger, string topic, string reason);

    [LoggerMessage(8, LogLevel.Error, "Sharing the sessions of {Topic} met a fault and goes on", EventName = "MembershipFault")]
    public static partial void MembershipFault(ILogger logger, Exception fault, string topic);

    [LoggerMessage(9, LogLevel.Warning, "Topic {Topic} has {Count} partitions now: {Reason}", EventName = "PartitionsChanged")]
    public static partial void PartitionsChanged(ILogger logger, string topic, int count, string reason);

    [LoggerMessage(10, LogLevel.Warning, "{Binding}: sessions cannot be kept in {Topic}, which is not compacted: it needs cleanup.policy=compact", EventName = EventNames.MqttKafkaNonCompactSessionsTopic)]
    public static partial void NotCompacted(ILogger logger, string binding, string topic);
}
