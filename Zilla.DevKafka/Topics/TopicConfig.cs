using System.Collections.Frozen;
using System.Globalization;

namespace Zilla.DevKafka.Topics;

/// <summary>Where a value in force comes from, as DescribeConfigs names it.</summary>
internal enum ConfigSource : sbyte
{
    Topic = 1,
    Broker = 4,
    Default = 5,
}

/// <summary>A topic's configuration: what was set for it, and the values in force that the log needs on its hot path.</summary>
internal sealed class TopicConfig
{
    private readonly FrozenDictionary<string, string> _overrides;

    public TopicConfig(IReadOnlyDictionary<string, string> overrides)
    {
        _overrides = overrides.ToFrozenDictionary(StringComparer.Ordinal);
        var policy = this[TopicConfigKeys.CleanupPolicy].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Compacts = policy.Contains("compact");
        Deletes = policy.Contains("delete");
        RetentionMs = Number(TopicConfigKeys.RetentionMs);
        RetentionBytes = Number(TopicConfigKeys.RetentionBytes);
        SegmentBytes = (int)Number(TopicConfigKeys.SegmentBytes);
        SegmentMs = Number(TopicConfigKeys.SegmentMs);
        DeleteRetentionMs = Number(TopicConfigKeys.DeleteRetentionMs);
        MinCompactionLagMs = Number(TopicConfigKeys.MinCompactionLagMs);
        MaxCompactionLagMs = Number(TopicConfigKeys.MaxCompactionLagMs);
        MinCleanableDirtyRatio = double.Parse(this[TopicConfigKeys.MinCleanableDirtyRatio], CultureInfo.InvariantCulture);
        MaxMessageBytes = (int)Number(TopicConfigKeys.MaxMessageBytes);
        StampsAppendTime = this[TopicConfigKeys.MessageTimestampType] == "LogAppendTime";
    }

    public IReadOnlyDictionary<string, string> Overrides => _overrides;

    public bool Compacts { get; }
    public bool Deletes { get; }
    public long RetentionMs { get; }
    public long RetentionBytes { get; }
    public int SegmentBytes { get; }
    public long SegmentMs { get; }
    public long DeleteRetentionMs { get; }
    public long MinCompactionLagMs { get; }
    public long MaxCompactionLagMs { get; }
    public double MinCleanableDirtyRatio { get; }
    public int MaxMessageBytes { get; }
    public bool StampsAppendTime { get; }

    public string this[string key] => _overrides.TryGetValue(key, out var value) ? value : TopicConfigKeys.All[key].Default;

    public ConfigSource SourceOf(string key) => _overrides.ContainsKey(key) ? ConfigSource.Topic : ConfigSource.Default;

    private long Number(string key) => long.Parse(this[key], CultureInfo.InvariantCulture);
}
