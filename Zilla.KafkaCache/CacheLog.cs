using Zilla.Config.Events;

namespace Zilla.KafkaCache;

internal static partial class CacheLog
{
    [LoggerMessage(1, LogLevel.Information, "Cluster {Cluster} at {Servers} is served")]
    public static partial void ClusterStarted(ILogger logger, string cluster, string servers);

    [LoggerMessage(2, LogLevel.Information, "Cluster {Cluster} is no longer served")]
    public static partial void ClusterStopped(ILogger logger, string cluster);

    [LoggerMessage(3, LogLevel.Information, "Cluster {Cluster}: the brokers answer")]
    public static partial void ClusterUp(ILogger logger, string cluster);

    [LoggerMessage(4, LogLevel.Warning, "Cluster {Cluster}: no broker answers: {Reason}", EventName = EventNames.KafkaBrokerConnectionFailed)]
    public static partial void ClusterDown(ILogger logger, string cluster, string reason);

    [LoggerMessage(23, LogLevel.Error, "Cluster {Cluster}: the brokers do not accept who the service says it is: {Reason}", EventName = EventNames.KafkaSaslAuthenticationFailed)]
    public static partial void ClusterRefused(ILogger logger, string cluster, string reason);

    [LoggerMessage(5, LogLevel.Information, "Cluster {Cluster}: topic {Topic} is being filled, partitions {First}..{Last}")]
    public static partial void TopicJoined(ILogger logger, string cluster, string topic, int first, int last);

    [LoggerMessage(6, LogLevel.Information, "Cluster {Cluster}: topic {Topic} is released")]
    public static partial void TopicReleased(ILogger logger, string cluster, string topic);

    [LoggerMessage(7, LogLevel.Warning, "Cluster {Cluster}: topic {Topic} cannot be read yet: {Reason}")]
    public static partial void TopicWaiting(ILogger logger, string cluster, string topic, string reason);

    [LoggerMessage(24, LogLevel.Error, "Cluster {Cluster}: topic {Topic} may not be read: {Reason}", EventName = EventNames.KafkaTopicAuthorizationFailed)]
    public static partial void TopicRefused(ILogger logger, string cluster, string topic, string reason);

    [LoggerMessage(8, LogLevel.Warning, "Cluster {Cluster}: topic {Topic} was deleted or made anew: {Reason}")]
    public static partial void TopicRenewed(ILogger logger, string cluster, string topic, string reason);

    [LoggerMessage(9, LogLevel.Warning, "Cluster {Cluster}: the configuration of topic {Topic} cannot be read, retention and compaction are not mirrored: {Reason}")]
    public static partial void PolicyUnknown(ILogger logger, string cluster, string topic, string reason);

    [LoggerMessage(10, LogLevel.Warning, "Cluster {Cluster}: record {Topic}/{Partition}@{Offset} is not shown to readers: {Reason}")]
    public static partial void RecordSkipped(ILogger logger, string cluster, string topic, int partition, long offset, string reason);

    [LoggerMessage(11, LogLevel.Warning, "Cluster {Cluster}: consuming {Topic}: {Reason}")]
    public static partial void ConsumeFailed(ILogger logger, string cluster, string topic, string reason);

    [LoggerMessage(12, LogLevel.Error, "Cluster {Cluster}: the consume thread met a fault and goes on")]
    public static partial void ConsumeFault(ILogger logger, Exception fault, string cluster);

    [LoggerMessage(13, LogLevel.Error, "Cluster {Cluster}: the {Acks} producer failed for good and is replaced: {Reason}")]
    public static partial void ProducerReplaced(ILogger logger, string cluster, string acks, string reason);

    [LoggerMessage(14, LogLevel.Debug, "Cluster {Cluster}: stream {Stream} produced to {Topic}/{Partition}@{Offset}")]
    public static partial void Produced(ILogger logger, string cluster, ulong stream, string topic, int partition, long offset);

    [LoggerMessage(15, LogLevel.Warning, "Cluster {Cluster}: stream {Stream} could not produce to {Topic}: {Reason}", EventName = EventNames.KafkaProduceError)]
    public static partial void ProduceFailed(ILogger logger, string cluster, ulong stream, string topic, string reason);

    [LoggerMessage(16, LogLevel.Error, "Cluster {Cluster}: watching the cluster met a fault and goes on")]
    public static partial void MonitorFault(ILogger logger, Exception fault, string cluster);

    [LoggerMessage(17, LogLevel.Warning, "Cluster {Cluster}: records were still not acknowledged when the service stopped: {Count}")]
    public static partial void Unflushed(ILogger logger, string cluster, int count);

    [LoggerMessage(19, LogLevel.Information, "A store has changed: {Clusters} were set up anew with what it holds now")]
    public static partial void StoresReloaded(ILogger logger, string clusters);

    [LoggerMessage(20, LogLevel.Warning, "A store has changed and cannot be used, what was read before stays in force: {Reason}")]
    public static partial void StoresNotReloaded(ILogger logger, string reason);

    [LoggerMessage(21, LogLevel.Warning, "The disk for what memory cannot hold fails, file {File}; records that are not held are read from Kafka: {Reason}")]
    public static partial void SpillFailed(ILogger logger, string file, string reason);

    [LoggerMessage(22, LogLevel.Information, "What memory cannot hold goes to {File}, {Limit} bytes at most")]
    public static partial void SpillOpened(ILogger logger, string file, long limit);

    [LoggerMessage(23, LogLevel.Information, "Cluster {Cluster}: stream {Stream} takes no more records for {Topic}: {Reason}")]
    public static partial void ProduceStopped(ILogger logger, string cluster, ulong stream, string topic, string reason);

    /// <summary>What the Kafka client library says, at its own level.</summary>
    [LoggerMessage(EventId = 18, Message = "Cluster {Cluster}, {Client} [{Facility}]: {Text}")]
    public static partial void Client(ILogger logger, LogLevel level, string cluster, string client, string facility, string text);
}
