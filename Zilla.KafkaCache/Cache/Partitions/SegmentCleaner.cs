using Zilla.KafkaCache.Cache.Segments;

namespace Zilla.KafkaCache.Cache.Partitions;

/// <summary>A run of segments and what is to stand in their place.</summary>
/// <param name="Run">The segments.</param>
/// <param name="Replacement">One segment, or none when no record was left.</param>
/// <param name="Through">The highest offset that superseded a record which is gone now.</param>
/// <param name="Reserved">Memory that was reserved for the replacement, in bytes: at least what it takes.</param>
internal sealed record CleanedSegments(Segment[] Run, Segment[] Replacement, long Through, long Reserved);

/// <summary>Compaction: full segments that are mostly superseded records are rewritten without them, together with their neighbours if they fit.</summary>
internal static class SegmentCleaner
{
    /// <summary>The first run that is worth it; empty if there is none. The segment being written to is never touched.</summary>
    public static Segment[] Find(Segment[] segments)
    {
        for (var first = 0; first < segments.Length && segments[first].Sealed; first++)
        {
            if (segments[first].DeadBytes * 2L <= segments[first].UsedBytes)
            {
                continue;
            }

            var live = Live(segments[first]);
            var count = 1;
            while (first + count < segments.Length && segments[first + count].Sealed && Live(segments[first + count]) + live <= PartitionLog.LargestSegment / 2)
            {
                live += Live(segments[first + count++]);
            }

            return segments[first..(first + count)];
        }

        return [];
    }

    /// <summary>Rewrites a run; null if there is no memory for it now, or if what is on disk can be read no more.</summary>
    public static CleanedSegments? Rewrite(Segment[] run, MemoryBudget budget)
    {
        // Nothing gives way to a run of which nothing is left. What is on disk has to be read as a whole, one after the other; what is not may come to be there.
        var (bytes, records, headers) = (run.Sum(Live), run.Sum(segment => segment.LiveCount), run.Sum(segment => segment.HeaderCount));
        var kept = records == 0 ? 0 : Segment.SizeFor(bytes, records, headers);
        var read = records == 0 ? 0 : run.Max(segment => segment.LiveCount == 0 ? 0 : segment.UsedBytes);
        if (!budget.TryReserve(kept + read))
        {
            return null;
        }

        var target = new Segment(run[0].BaseOffset, bytes, run[0].CreatedAt);
        var through = -1L;
        var whole = true;
        foreach (var segment in run)
        {
            whole = whole && TryCopyLive(segment, target, ref through);
        }

        budget.Release(whole ? read : kept + read);
        target.Seal();
        return whole ? new(run, target.Count > 0 ? [target] : [], through, kept) : null;
    }

    private static int Live(Segment segment) => segment.UsedBytes - segment.DeadBytes;

    /// <summary>False if the records cannot be read.</summary>
    private static bool TryCopyLive(Segment source, Segment target, ref long through)
    {
        byte[]? fromDisk = null;
        for (var index = 0; index < source.Count; index++)
        {
            ref var entry = ref source[index];
            if (entry.SupersededBy != 0)
            {
                through = Math.Max(through, entry.SupersededBy);
            }
            else if (source.TryGet(entry, out var bytes))
            {
                target.AppendFrom(source, entry, bytes.Span);
            }
            else if ((fromDisk ??= Read(source)) is not null)
            {
                target.AppendFrom(source, entry, fromDisk.AsSpan(entry.Position, entry.Length));
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    private static byte[]? Read(Segment source)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(source.UsedBytes);
        return source.Spilled!.TryRead(0, bytes) ? bytes : null;
    }
}
