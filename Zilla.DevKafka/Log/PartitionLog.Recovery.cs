using System.Globalization;
using System.Text;
using Zilla.DevKafka.Producers;

namespace Zilla.DevKafka.Log;

/// <summary>How a log is opened: everything about it is read from its segments, which may end in a write that a crash cut short.</summary>
internal sealed partial class PartitionLog
{
    private const string StartOffsetFile = "start-offset";

    private void Recover()
    {
        foreach (var leftover in Directory.GetFiles(_folder, "*.cleaned"))
        {
            File.Delete(leftover);
        }

        var snapshot = ProducerSnapshot.Read(_folder);
        _producers.Load(snapshot?.Producers ?? []);
        var paths = Directory.GetFiles(_folder, "*.log").Order(StringComparer.Ordinal).ToList();
        foreach (var path in paths)
        {
            var segment = Segment.Open(path);
            if (_segments.Count > 0 && segment.BaseOffset < Active.NextOffset)
            {
                // Compaction merged it into the one before, and the process ended before the file was deleted.
                segment.Dispose();
                File.Delete(path);
                continue;
            }

            _segments.Add(segment);
            Recover(segment, snapshot?.NextOffset ?? 0, isLast: path == paths[^1]);
        }

        _startOffset = ReadStartOffset();
        if (_segments.Count == 0 || Active.NextOffset < _startOffset)
        {
            _segments.Add(Segment.Create(_folder, _startOffset));
        }

        _startOffset = Math.Max(_startOffset, _segments[0].BaseOffset);
        if (snapshot is not null && Active.NextOffset < snapshot.NextOffset)
        {
            // A power failure took the end of the log: batches that are gone must not be taken for duplicates when they are sent again.
            RebuildProducers();
        }
    }

    private void Recover(Segment segment, long snapshotTo, bool isLast)
    {
        var modified = new DateTimeOffset(File.GetLastWriteTimeUtc(segment.Path)).ToUnixTimeMilliseconds();
        var left = Recovery.Scan(segment, modified, (header, batch) =>
        {
            _transactions.Update(header, batch);
            if (header.BaseOffset >= snapshotTo)
            {
                _producers.Update(header, modified);
            }
        });
        if (left > 0 && isLast)
        {
            _options.Logger.TornTail(segment.Path, left, segment.NextOffset);
            segment.Truncate();
        }
        else if (left > 0)
        {
            _options.Logger.Damaged(segment.Path, left, segment.NextOffset);
        }
    }

    private void RebuildProducers()
    {
        _producers.Clear();
        foreach (var (header, _) in _segments.SelectMany(s => s.Batches()))
        {
            _producers.Update(header, _options.Now);
        }
    }

    private long ReadStartOffset()
    {
        var path = Path.Combine(_folder, StartOffsetFile);
        return File.Exists(path) ? long.Parse(File.ReadAllText(path), NumberStyles.None, CultureInfo.InvariantCulture) : 0;
    }

    private void WriteStartOffset(long offset)
    {
        AtomicFile.Write(Path.Combine(_folder, StartOffsetFile), Encoding.ASCII.GetBytes(offset.ToString(CultureInfo.InvariantCulture)));
        Volatile.Write(ref _startOffset, offset);
    }
}
