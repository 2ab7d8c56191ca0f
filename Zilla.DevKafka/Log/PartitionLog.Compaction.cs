using Zilla.DevKafka.Transactions;

namespace Zilla.DevKafka.Log;

/// <summary>
/// Compaction of the sealed segments: <see cref="Compactor"/> writes new files beside the old ones, outside the lock; here they take their place.
/// Each replacement is one rename, so that a crash at any point leaves a log in which no key's latest value is missing.
/// </summary>
internal sealed partial class PartitionLog
{
    /// <summary>Everything before this offset has been compacted since the broker started.</summary>
    private long _cleanedTo;

    /// <summary>When the next tombstone may go (ms since 1970).</summary>
    private long _nextHorizon = long.MaxValue;

    private void Compact(long now)
    {
        List<Segment> sealedSegments;
        IReadOnlyList<AbortedTransaction> aborted;
        long end;
        lock (_gate)
        {
            if (_disposed || !IsCompactionDue(now, out sealedSegments))
            {
                return;
            }

            // Records that compaction drops may have been the last that tell of a producer.
            SnapshotProducers();
            (aborted, end) = (_transactions.AllAborted, Stable);
        }

        try
        {
            var compactor = new Compactor(Config, now, _cleanedTo, end, aborted);
            compactor.Index(sealedSegments);
            foreach (var group in compactor.Groups(sealedSegments))
            {
                if (!Replace(group, compactor.Rewrite(group), compactor.DroppedMarkers))
                {
                    // The head was deleted meanwhile. What follows was judged by what this group no longer holds: the next round starts anew.
                    return;
                }
            }

            (_cleanedTo, _nextHorizon) = (compactor.IndexedTo, compactor.NextHorizon);
        }
        catch (ObjectDisposedException)
        {
            // The head was deleted, or the log closed, meanwhile: the next round starts from what is left.
        }
    }

    private bool IsCompactionDue(long now, out List<Segment> sealedSegments)
    {
        if (Active.Size > 0 && Active.FirstAppended >= 0 && now - Active.FirstAppended > Config.MaxCompactionLagMs)
        {
            Roll();
        }

        // What an open transaction has written is not decided: nothing may supersede anything from there on.
        sealedSegments = [.. _segments[..^1].TakeWhile(s => s.NextOffset <= Stable && (Config.MinCompactionLagMs == 0 || s.MaxTimestamp <= now - Config.MinCompactionLagMs))];
        var total = sealedSegments.Sum(s => (double)s.Size);
        var dirty = sealedSegments.Where(s => s.BaseOffset >= _cleanedTo).ToList();
        var ratio = dirty.Sum(s => (double)s.Size) / Math.Max(total, 1);
        return total > 0 && (_nextHorizon <= now
            || (ratio > 0 && ratio >= Config.MinCleanableDirtyRatio)
            || dirty.Exists(s => s.Size > 0 && now - s.FirstAppended > Config.MaxCompactionLagMs));
    }

    private bool Replace(IReadOnlyList<Segment> old, Segment? compacted, IReadOnlySet<long> droppedMarkers)
    {
        if (compacted is null)
        {
            return true;
        }

        lock (_gate)
        {
            var at = _segments.IndexOf(old[0]);
            if (_disposed || at < 0 || _segments.Count < at + old.Count)
            {
                compacted.Dispose();
                File.Delete(compacted.Path);
                return false;
            }

            _options.Logger.Compacted(_folder, old.Sum(s => (long)s.Size), compacted.Size);
            compacted.MoveTo(old[0].Path);
            _transactions.ForgetAborted(a => droppedMarkers.Contains(a.LastOffset));
            _segments = [.. _segments[..at], compacted, .. _segments[(at + old.Count)..]];
            foreach (var segment in old)
            {
                segment.Dispose();
                if (segment != old[0])
                {
                    File.Delete(segment.Path);
                }
            }

            return true;
        }
    }
}
