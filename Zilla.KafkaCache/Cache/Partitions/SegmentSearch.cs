using Zilla.KafkaCache.Cache.Segments;

namespace Zilla.KafkaCache.Cache.Partitions;

internal static class SegmentSearch
{
    /// <summary>The index of the last segment that does not begin after <paramref name="offset"/>; -1 if all do.</summary>
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

    /// <summary>Where the record with this offset is; false if it is not held.</summary>
    public static bool TryFind(ReadOnlySpan<Segment> segments, long offset, out Segment segment, out int index)
    {
        (segment, index) = (null!, -1);
        if (IndexOf(segments, offset) is not (>= 0 and var at))
        {
            return false;
        }

        (segment, index) = (segments[at], segments[at].LowerBound(offset));
        return index < segment.Count && segment[index].Offset == offset;
    }
}
