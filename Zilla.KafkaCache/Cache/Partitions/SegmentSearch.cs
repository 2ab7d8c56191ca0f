using Zilla.KafkaCache.Cache.Segments;

namespace Zilla.KafkaCache.Cache.Partitions;

internal static class SegmentSearch
{
    /// <summary>The last segment that does not begin after <paramref name="offset"/>; null if all do.</summary>
    public static Segment? Find(ReadOnlySpan<Segment> segments, long offset) => IndexOf(segments, offset) is >= 0 and var index ? segments[index] : null;

    /// <inheritdoc cref="Find"/>
    public static int IndexOf(ReadOnlySpan<Segment> segments, long offset)
    {
        var (low, high) = (0, segments.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = segments[middle].BaseOffset <= offset ? (middle + 1, high) : (low, middle);
        }

        return low - 1;
    }
}
