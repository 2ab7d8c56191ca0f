using Zilla.KafkaCache.Cache.Segments;
using Zilla.KafkaCache.Cache.Topics;

namespace Zilla.KafkaCache.Cache.Partitions;

/// <summary>How long the segments of a partition are kept.</summary>
internal static class Retention
{
    /// <summary>The oldest segment is past its time. Kafka counts bytes as stored, compressed perhaps: where it says what it has dropped, that decides.</summary>
    /// <param name="policy">Of the topic.</param>
    /// <param name="segments">Of the partition; at least one.</param>
    /// <param name="end">The offset after the last of them.</param>
    /// <param name="lowWatermark">What Kafka itself has dropped lies below; negative when not known.</param>
    /// <param name="now">The time.</param>
    public static bool IsOver(TopicPolicy policy, Segment[] segments, long end, long lowWatermark, DateTimeOffset now)
    {
        var oldest = segments[0];
        return (segments.Length > 1 ? segments[1].BaseOffset : end) <= lowWatermark
            || (policy.Delete && policy.Retention is { } retention && oldest.MaxTimestamp < (now - retention).ToUnixTimeMilliseconds())
            || (policy.Delete && lowWatermark < 0 && segments.Length > 1 && policy.RetentionBytes is { } limit && segments.Sum(segment => (long)segment.UsedBytes) - oldest.UsedBytes >= limit);
    }
}
