namespace Zilla.DevKafka.Log;

/// <summary>A record's offset and its timestamp (ms since 1970); -1 each when there is none.</summary>
internal readonly record struct TimedOffset(long Timestamp, long Offset)
{
    public static TimedOffset None { get; } = new(-1, -1);
}

internal sealed partial class PartitionLog
{
    /// <summary>The first record with this timestamp or a later one.</summary>
    public TimedOffset FindTimestamp(long timestamp)
    {
        lock (_gate)
        {
            foreach (var segment in _disposed ? [] : _segments)
            {
                if (segment.MaxTimestamp >= timestamp && segment.TryFindTimestamp(timestamp, _startOffset, out var position, out var header))
                {
                    return FindInBatch(segment, position, header, timestamp);
                }
            }

            return TimedOffset.None;
        }
    }

    /// <summary>The first record that bears the largest timestamp of the log.</summary>
    public TimedOffset FindMaxTimestamp()
    {
        long largest;
        lock (_gate)
        {
            largest = _segments.Max(s => s.MaxTimestamp);
        }

        return largest < 0 ? TimedOffset.None : FindTimestamp(largest);
    }

    private TimedOffset FindInBatch(Segment segment, int position, BatchHeader header, long timestamp)
    {
        var batch = new byte[header.Size];
        segment.Read(batch, position);
        if (!header.StampedByBroker && Decompressor.TryRead(header, batch, out var records))
        {
            var reader = new RecordReader(records);
            while (!reader.AtEnd && reader.TryRead(out var record))
            {
                var (at, offset) = (header.BaseTimestamp + record.TimestampDelta, header.BaseOffset + record.OffsetDelta);
                if (at >= timestamp && offset >= _startOffset)
                {
                    return new(at, offset);
                }
            }
        }

        // All of the batch bears one time, or it is compressed in a way that is not opened here: its first record stands for it.
        return new(header.MaxTimestamp, Math.Max(header.BaseOffset, _startOffset));
    }
}
