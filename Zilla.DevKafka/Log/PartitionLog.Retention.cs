using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Log;

/// <summary>How the head of a log goes: by time, by size, by request.</summary>
internal sealed partial class PartitionLog
{
    private const long HighWatermark = -1;

    /// <summary>
    /// Moves the start to <paramref name="offset"/>; whole segments before it are deleted, what is left in the first is not served. Records of an open
    /// transaction stay, and what follows them: -1 means all before those.
    /// </summary>
    public ErrorCode DeleteRecords(long offset)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return ErrorCode.UnknownTopicOrPartition;
            }

            if (!Config.Deletes)
            {
                return ErrorCode.PolicyViolation;
            }

            var target = offset == HighWatermark ? Stable : offset;
            if (target < 0 || target > Stable)
            {
                return ErrorCode.OffsetOutOfRange;
            }

            if (target > _startOffset)
            {
                SnapshotProducers();
                WriteStartOffset(target);
                DeleteBelowStart("records deleted by request");
            }

            return ErrorCode.None;
        }
    }

    /// <summary>What is due now: rolling by time, retention, forgetting silent producers, compaction. One call at a time.</summary>
    public void Housekeep()
    {
        var now = _options.Now;
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _producers.Expire(now - (long)_options.ProducerExpiry.TotalMilliseconds);
            RollIfDue(0, now);
            if (Config.Deletes)
            {
                ApplyRetention(now);
            }

            DeleteBelowStart("below the start");
        }

        if (Config.Compacts)
        {
            Compact(now);
        }
    }

    private void ApplyRetention(long now)
    {
        var oldest = Config.RetentionMs < 0 ? long.MinValue : now - Config.RetentionMs;
        if (Active.Size > 0 && Active.MaxTimestamp < oldest)
        {
            Roll();
        }

        var expired = 0;
        while (MayGo(expired) && _segments[expired].MaxTimestamp < oldest)
        {
            expired++;
        }

        if (Config.RetentionBytes >= 0)
        {
            for (var left = _segments.Skip(expired).Sum(s => (long)s.Size); MayGo(expired) && left - _segments[expired].Size >= Config.RetentionBytes; expired++)
            {
                left -= _segments[expired].Size;
            }
        }

        if (expired > 0 && _segments[expired].BaseOffset > _startOffset)
        {
            SnapshotProducers();
            WriteStartOffset(_segments[expired].BaseOffset);
            DeleteBelowStart("retention");
        }
    }

    /// <summary>Neither the segment that is written to, nor one that an open transaction has written to.</summary>
    private bool MayGo(int segment) => segment < _segments.Count - 1 && _segments[segment].NextOffset <= Stable;

    /// <summary>Deletes segments that lie wholly before the start, which is on disk already: a crash in between leaves files that the next call takes.</summary>
    private void DeleteBelowStart(string reason)
    {
        if (Active.Size > 0 && _startOffset >= Active.NextOffset)
        {
            Roll();
        }

        var gone = 0;
        while (gone < _segments.Count - 1 && _segments[gone + 1].BaseOffset <= _startOffset)
        {
            gone++;
        }

        if (gone == 0)
        {
            return;
        }

        var removed = _segments[..gone];
        _segments = _segments[gone..];
        foreach (var segment in removed)
        {
            segment.Dispose();
            File.Delete(segment.Path);
        }

        _transactions.ForgetAborted(a => a.LastOffset < _startOffset);
        _options.Logger.HeadDeleted(_folder, _startOffset, gone, reason);
    }
}
