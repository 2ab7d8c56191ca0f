using System.Collections.Frozen;

namespace Zilla.DevKafka.Topics;

/// <summary>
/// The topic settings of Apache Kafka 3.x with its defaults. Those that a single development broker has no use for are accepted and shown, so
/// that scripts written for Apache Kafka run; <c>README.md</c> lists which have an effect.
/// </summary>
internal static class TopicConfigKeys
{
    public const string CleanupPolicy = "cleanup.policy";
    public const string RetentionMs = "retention.ms";
    public const string RetentionBytes = "retention.bytes";
    public const string SegmentBytes = "segment.bytes";
    public const string SegmentMs = "segment.ms";
    public const string DeleteRetentionMs = "delete.retention.ms";
    public const string MinCompactionLagMs = "min.compaction.lag.ms";
    public const string MaxCompactionLagMs = "max.compaction.lag.ms";
    public const string MinCleanableDirtyRatio = "min.cleanable.dirty.ratio";
    public const string MaxMessageBytes = "max.message.bytes";
    public const string MessageTimestampType = "message.timestamp.type";

    public static FrozenDictionary<string, TopicConfigKey> All { get; } = new[]
    {
        TopicConfigKey.ListOf(CleanupPolicy, "delete", "delete", "compact"),
        TopicConfigKey.Long(RetentionMs, 604_800_000, -1),
        TopicConfigKey.Long(RetentionBytes, -1, -1),
        TopicConfigKey.Int(SegmentBytes, 1_073_741_824, 14),
        TopicConfigKey.Long(SegmentMs, 604_800_000, 1),
        TopicConfigKey.Long(DeleteRetentionMs, 86_400_000, 0),
        TopicConfigKey.Long(MinCompactionLagMs, 0, 0),
        TopicConfigKey.Long(MaxCompactionLagMs, long.MaxValue, 1),
        TopicConfigKey.Fraction(MinCleanableDirtyRatio, "0.5"),
        TopicConfigKey.Int(MaxMessageBytes, 1_048_588, 0),
        TopicConfigKey.OneOf(MessageTimestampType, "CreateTime", "CreateTime", "LogAppendTime"),
        TopicConfigKey.OneOf("compression.type", "producer", "producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"),
        TopicConfigKey.Long("compression.gzip.level", -1, -1),
        TopicConfigKey.Long("compression.lz4.level", 9, 1),
        TopicConfigKey.Long("compression.zstd.level", 3, -131_072),
        TopicConfigKey.Long("file.delete.delay.ms", 60_000, 0),
        TopicConfigKey.Long("flush.messages", long.MaxValue, 1),
        TopicConfigKey.Long("flush.ms", long.MaxValue, 0),
        TopicConfigKey.Text("follower.replication.throttled.replicas", ""),
        TopicConfigKey.Text("leader.replication.throttled.replicas", ""),
        TopicConfigKey.Int("index.interval.bytes", 4096, 0),
        TopicConfigKey.Long("local.retention.bytes", -2, -2),
        TopicConfigKey.Long("local.retention.ms", -2, -2),
        TopicConfigKey.OneOf("message.downconversion.enable", "true", "true", "false"),
        TopicConfigKey.Text("message.format.version", "3.0-IV1"),
        TopicConfigKey.Long("message.timestamp.after.max.ms", long.MaxValue, 0),
        TopicConfigKey.Long("message.timestamp.before.max.ms", long.MaxValue, 0),
        TopicConfigKey.Long("message.timestamp.difference.max.ms", long.MaxValue, 0),
        TopicConfigKey.Int("min.insync.replicas", 1, 1),
        TopicConfigKey.OneOf("preallocate", "false", "true", "false"),
        TopicConfigKey.OneOf("remote.storage.enable", "false", "false"),
        TopicConfigKey.Int("segment.index.bytes", 10_485_760, 4),
        TopicConfigKey.Long("segment.jitter.ms", 0, 0),
        TopicConfigKey.OneOf("unclean.leader.election.enable", "false", "true", "false"),
    }.ToFrozenDictionary(key => key.Name, StringComparer.Ordinal);
}
