using Zilla.KafkaCache.Cache.Segments;

namespace Zilla.KafkaCache.Cache.Partitions;

/// <summary>A run of segments, beginning with <paramref name="First"/>, and what is to stand in their place.</summary>
/// <param name="First">The first of the run.</param>
/// <param name="Count">How many.</param>
/// <param name="Replacement">One segment, or none when no record was left.</param>
/// <param name="Through">The highest offset that superseded a record which is gone now.</param>
internal sealed record CleanedSegments(Segment First, int Count, IReadOnlyList<Segment> Replacement, long Through);

/// <summary>Compaction: full segments that are mostly superseded records are rewritten without them, together with their neighbours if they fit.</summary>
internal static class SegmentCleaner
{
    /// <summary>Cleans the first run that is worth it; null if there is none. The last segment is never touched.</summary>
    public static CleanedSegments? Clean(ReadOnlySpan<Segment> segments)
    {
        for (var first = 0; first < segments.Length - 1; first++)
        {
            if (segments[first].DeadBytes * 2L <= segments[first].UsedBytes)
            {
                continue;
            }

            var live = segments[first].UsedBytes - segments[first].DeadBytes;
            var count = 1;
            while (first + count < segments.Length - 1 && Live(segments[first + count]) + live <= PartitionLog.LargestSegment / 2)
            {
                live += Live(segments[first + count++]);
            }

            return Rewrite(segments.Slice(first, count), live);
        }

        return null;

        static int Live(Segment segment) => segment.UsedBytes - segment.DeadBytes;
    }

    private static CleanedSegments Rewrite(ReadOnlySpan<Segment> run, int live)
    {
        var target = new Segment(run[0].BaseOffset, Math.Max(live, 1), run[0].CreatedAt);
        var through = -1L;
        foreach (var segment in run)
        {
            for (var index = 0; index < segment.Count; index++)
            {
                ref var entry = ref segment[index];
                if (entry.SupersededBy == 0)
                {
                    target.AppendFrom(segment, entry);
                }
                else
                {
                    through = Math.Max(through, entry.SupersededBy);
                }
            }
        }

        return new(run[0], run.Length, target.Count > 0 ? [target] : [], through);
    }
}
