using Zilla.KafkaCache.Cache.Segments;

namespace Zilla.KafkaCache.Cache.Partitions;

/// <summary>
/// One reader's place in one partition. History is what lay in the partition when the cursor was made: of a compacted topic only the latest
/// record per key is given from it. What comes after history is given record by record, as long as it is held. Records that are on disk are read
/// a few at a time; whoever has to wait with a cursor calls <see cref="Rest"/>.
/// </summary>
/// <param name="log">The partition.</param>
/// <param name="position">The first offset to look at.</param>
/// <param name="filters">What to give.</param>
/// <param name="historyEnd">Where history ends; null = at what is held now.</param>
internal sealed class PartitionCursor(PartitionLog log, long position, RecordFilters filters, long? historyEnd = null) : IDisposable
{
    // As many as a stream sends of one partition before the next has its turn.
    private const int RecordsFromDisk = 64;

    private readonly List<int> _candidates = [];
    private readonly bool _matchAll = filters.MatchAll;
    private Segment? _segment;
    private DiskWindow? _window;
    private int _index;
    private int _candidate;
    private int _collected;
    private long _historyEnd = Math.Max(position, historyEnd ?? log.NextOffset);

    public PartitionLog Log => log;

    /// <summary>The next offset this cursor looks at: everything below it that matches has been given.</summary>
    public long Position { get; private set; } = position;

    /// <summary>
    /// Where history ends. Moves on when compaction has meanwhile removed a record for the sake of one beyond the end: whoever wants all of
    /// history needs that one instead.
    /// </summary>
    public long HistoryEnd
    {
        get
        {
            FollowCompaction(Position);
            return _historyEnd;
        }
    }

    /// <summary>What this cursor would look at next is not held but in Kafka: read it there, up to where it is held or the limit, then <see cref="PassTo"/>.</summary>
    public bool NeedsKafka { get; private set; }

    /// <summary>There is no memory now for what this cursor would read from disk next: try again once <see cref="NeededRoom"/> bytes can be had.</summary>
    public bool NeedsRoom { get; private set; }

    /// <summary>Bytes.</summary>
    public int NeededRoom { get; private set; }

    /// <summary>Holds nothing any more but its place; goes on from there. Records that it gave stay valid.</summary>
    public void Rest()
    {
        _window?.Dispose();
        _segment = null;
    }

    public void Dispose() => Rest();

    /// <summary>Goes on from an offset: everything below has been given otherwise.</summary>
    public void PassTo(long offset)
    {
        Position = Math.Max(Position, offset);
        Rest();
    }

    /// <summary>Gives the next matching record below <paramref name="limit"/>; false when there is none yet.</summary>
    public bool TryRead(long limit, out CachedRecord record)
    {
        var from = Position;
        var found = TryReadNext(limit, out record);

        // Also what compaction removed while this was looking, before it gets past the end of history.
        FollowCompaction(from);
        return found;
    }

    private bool TryReadNext(long limit, out CachedRecord record)
    {
        record = default;

        // Before the segments are looked at: see PartitionLog's remarks.
        var end = Math.Min(log.NextOffset, limit);
        (NeedsKafka, NeedsRoom) = (false, false);
        while (Position < end)
        {
            if (_segment is null && !TryEnterSegment())
            {
                break;
            }

            while (TryNext(out var index))
            {
                var entry = _segment![index];
                if (entry.Offset >= end)
                {
                    Position = Math.Max(Position, end);
                    return false;
                }

                var superseded = IsSuperseded(entry);
                if (!superseded && !TryGetBytes(index, entry, out record))
                {
                    if (NeedsRoom)
                    {
                        return false;
                    }

                    break;
                }

                Advance(index);
                Position = entry.Offset + 1;
                if (!superseded && (_matchAll || filters.Matches(record)))
                {
                    return true;
                }
            }

            if (_segment is null)
            {
                continue;
            }

            Position = Math.Clamp(AfterScanned(), Position, end);
            if (!TryLeaveSegment())
            {
                break;
            }
        }

        Position = NeedsKafka ? Position : Math.Max(Position, end);
        record = default;
        return false;
    }

    /// <summary>Of use as long as the records from <paramref name="from"/> on are not all behind it.</summary>
    private void FollowCompaction(long from)
    {
        if (from < _historyEnd && log.CleanedThrough is var cleaned && cleaned >= _historyEnd)
        {
            _historyEnd = cleaned + 1;
        }
    }

    private bool IsSuperseded(in SegmentEntry entry) =>
        entry.SupersededBy != 0 && entry.Offset < _historyEnd && entry.SupersededBy < _historyEnd;

    /// <summary>False: there is no memory for it (<see cref="NeedsRoom"/>), or it is on disk no longer; what is held now has to be looked for then.</summary>
    private bool TryGetBytes(int index, in SegmentEntry entry, out CachedRecord record)
    {
        if (!_segment!.TryGet(entry, out var bytes))
        {
            _window ??= new(log.Budget);
            if (!_window.Holds(_segment, entry))
            {
                var end = WindowEnd(index);
                if (!log.Budget.TryReserve(end - entry.Position))
                {
                    // Then just this one.
                    end = entry.End;
                    if (!log.Budget.TryReserve(end - entry.Position))
                    {
                        (NeedsRoom, NeededRoom, record) = (true, end - entry.Position, default);
                        Rest();
                        return false;
                    }
                }

                if (!_window.TryFill(_segment, entry.Position, end))
                {
                    log.GiveUp(_segment);
                    record = default;
                    Rest();
                    return false;
                }
            }

            bytes = _window.Slice(entry);
        }

        record = new(bytes, entry);
        return true;
    }

    /// <summary>How far to read from disk at once: what will be asked for next, as long as it lies close together.</summary>
    private int WindowEnd(int index)
    {
        var (start, end) = (_segment![index].Position, _segment[index].End);
        for (var ahead = 1; ahead < RecordsFromDisk; ahead++)
        {
            var next = _matchAll ? index + ahead : _candidate + ahead < _candidates.Count ? _candidates[_candidate + ahead] : int.MaxValue;
            if (next >= _segment.Count || _segment[next].Position - end > DiskWindow.LargestGap || _segment[next].End - start > DiskWindow.Largest)
            {
                break;
            }

            end = _segment[next].End;
        }

        return end;
    }

    private bool TryEnterSegment()
    {
        // The segments before the start, which moves first: what was dropped in between is not passed over unaware.
        var segments = log.Segments;
        if (!TryPassExpired() || segments.Length == 0)
        {
            return false;
        }

        Enter(segments[Math.Max(SegmentSearch.IndexOf(segments, Position), 0)]);
        return true;
    }

    /// <summary>Goes to the segment after the one that was read to its end; false if that is the last one.</summary>
    private bool TryLeaveSegment()
    {
        // As above; even what was being written to may have been dropped.
        var segments = log.Segments;
        if (!TryPassExpired())
        {
            Rest();
            return false;
        }

        // A segment that was replaced meanwhile is left for what now holds the offsets after it.
        var next = SegmentSearch.IndexOf(segments, Math.Max(Position - 1, _segment!.BaseOffset)) + 1;
        while (next > 0 && next <= segments.Length && segments[next - 1] != _segment && segments[next - 1].LowerBound(Position) < segments[next - 1].Count)
        {
            next--;
        }

        if (next >= segments.Length)
        {
            return false;
        }

        Enter(segments[next]);
        return true;
    }

    /// <summary>Goes past what can be read no more; false if what comes then is not held.</summary>
    private bool TryPassExpired()
    {
        // The earliest before the start: the start is the first of the two to move.
        var earliest = log.EarliestOffset;
        Position = Math.Max(Position, earliest);
        NeedsKafka = Position < log.StartOffset;
        return !NeedsKafka;
    }

    private void Enter(Segment segment)
    {
        _window?.Dispose();
        _segment = segment;
        _index = segment.LowerBound(Position);
        _candidates.Clear();
        (_candidate, _collected) = (0, _index);
    }

    /// <summary>The next entry to look at; with filters, the next one that the indexes name.</summary>
    private bool TryNext(out int index)
    {
        if (_matchAll)
        {
            index = _index;
            return index < _segment!.Count;
        }

        if (_candidate == _candidates.Count && _collected < _segment!.Count)
        {
            var count = _segment.Count;
            filters.Collect(_segment, _collected, count, _candidates);
            (_candidate, _collected) = (0, count);
        }

        index = _candidate < _candidates.Count ? _candidates[_candidate] : -1;
        return index >= 0;
    }

    private long AfterScanned() => (_matchAll ? _index : _collected) is > 0 and var scanned ? _segment![scanned - 1].Offset + 1 : 0;

    private void Advance(int index)
    {
        _index = index + 1;
        _candidate++;
    }
}
