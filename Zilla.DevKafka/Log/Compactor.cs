using System.Buffers.Binary;
using System.Security.Cryptography;
using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Transactions;

namespace Zilla.DevKafka.Log;

/// <summary>
/// One compaction pass. First the keys of what is new since the last pass are indexed with their latest offset, then all segments are rewritten
/// without the records that a later one supersedes. Offsets stay. A batch that cannot be opened (snappy, lz4, zstd) is kept whole: its records
/// supersede nothing and outlive their successors, which a reader in offset order does not notice. Aborted records go, and supersede nothing either; a
/// transaction's marker stays as long as one of its records does, since it is what decides them when the log is opened again.
/// </summary>
/// <remarks>
/// <c>from</c> is where the pass before ended, <c>end</c> where the log ends for a reader of committed records: a batch that ends there stays as it is, since readers
/// know by it that they have read everything. Tombstones go <c>delete.retention.ms</c> after the first pass that saw them; like Apache Kafka since 3.1 that time is kept in the batch itself,
/// as its base timestamp with attribute bit 6 set; markers without records go by the same rule. A tombstone stays longer when a batch that was kept whole lies before it: that may still hold the key.
/// </remarks>
internal sealed partial class Compactor(TopicConfig config, long now, long from, long end, IReadOnlyList<AbortedTransaction> aborted)
{
    /// <summary>Bounds the index's memory (about 40 bytes each); what does not fit is left to the next pass.</summary>
    private const int MaximumKeys = 4_000_000;

    private readonly Dictionary<UInt128, long> _latest = [];
    private bool _sawOpaque;

    /// <summary>Segments before this offset are indexed by this pass or an earlier one.</summary>
    public long IndexedTo { get; private set; } = from;

    /// <summary>When the first of the tombstones that were kept may go (ms since 1970).</summary>
    public long NextHorizon { get; private set; } = long.MaxValue;

    public void Index(IReadOnlyList<Segment> segments)
    {
        var start = IndexedTo;
        foreach (var segment in segments.Where(s => s.BaseOffset >= start))
        {
            if (_latest.Count >= MaximumKeys)
            {
                return;
            }

            foreach (var (header, batch) in segment.Batches())
            {
                Index(header, batch);
            }

            IndexedTo = segment.NextOffset;
        }
    }

    /// <summary>Neighbours that fit into one segment together, so that what shrinks does not leave ever more tiny files.</summary>
    public IEnumerable<IReadOnlyList<Segment>> Groups(IEnumerable<Segment> segments)
    {
        var group = new List<Segment>();
        var size = 0L;
        foreach (var segment in segments.Where(s => s.BaseOffset < IndexedTo))
        {
            if (group.Count > 0 && size + segment.Size > config.SegmentBytes)
            {
                yield return group;
                (group, size) = ([], 0);
            }

            group.Add(segment);
            size += segment.Size;
        }

        if (group.Count > 0)
        {
            yield return group;
        }
    }

    /// <summary>Writes the group's surviving batches to a new file; null when nothing changes.</summary>
    public Segment? Rewrite(IReadOnlyList<Segment> group)
    {
        var target = Segment.CreateBeside(group[0]);
        var changed = group.Count > 1;
        try
        {
            foreach (var (header, batch) in group.SelectMany(s => s.Batches()))
            {
                var kept = Filter(header, batch);
                changed |= !kept.Equals(batch);
                if (!kept.IsEmpty && BatchHeader.TryRead(kept.Span, out var written) == BatchResult.Batch)
                {
                    target.Append(kept[..BatchHeader.Length], kept[BatchHeader.Length..], flush: false);
                    target.Include(written, written.MaxTimestamp);
                }
            }

            if (changed)
            {
                target.Flush();
                return target;
            }
        }
        catch
        {
            Discard(target);
            throw;
        }

        Discard(target);
        return null;
    }

    private static void Discard(Segment segment)
    {
        segment.Dispose();
        File.Delete(segment.Path);
    }

    private void Index(in BatchHeader header, ReadOnlyMemory<byte> batch)
    {
        if (header.IsControl || IsAborted(header) || !Decompressor.TryRead(header, batch, out var records))
        {
            return;
        }

        var reader = new RecordReader(records);
        while (!reader.AtEnd && reader.TryRead(out var record))
        {
            if (record.Key is { } key)
            {
                _latest[Hash(key.Span)] = header.BaseOffset + record.OffsetDelta;
            }
        }
    }

    /// <summary>The batch as it was, a smaller one, or nothing.</summary>
    private ReadOnlyMemory<byte> Filter(in BatchHeader header, ReadOnlyMemory<byte> batch)
    {
        var isLast = header.NextOffset == end;
        if (header.IsControl)
        {
            return isLast ? batch : FilterMarker(header, batch);
        }

        var kept = isLast ? batch : IsAborted(header) ? default : FilterRecords(header, batch);
        if (header.IsTransactional && !kept.IsEmpty)
        {
            _kept.Add(header.ProducerId);
        }

        return kept;
    }

    private BatchHeader WithHorizon(in BatchHeader header) =>
        header with { Attributes = (short)(header.Attributes | BatchHeader.DeleteHorizonBit), BaseTimestamp = now + config.DeleteRetentionMs };

    private ReadOnlyMemory<byte> FilterRecords(in BatchHeader header, ReadOnlyMemory<byte> batch)
    {
        if (!TryOpen(header, batch, out var records))
        {
            _sawOpaque = true;
            return batch;
        }

        var kept = new List<Record>();
        foreach (var record in records)
        {
            if (IsKept(header, record))
            {
                kept.Add(record);
            }
        }

        var setsHorizon = !header.HasDeleteHorizon && kept.Exists(r => r.Value is null);
        var final = setsHorizon ? WithHorizon(header) : header;
        if (kept.Exists(r => r.Value is null))
        {
            NextHorizon = Math.Min(NextHorizon, final.BaseTimestamp);
        }

        return kept.Count == records.Count && !setsHorizon ? batch
            : kept.Count == 0 ? default(ReadOnlyMemory<byte>)
            : Build(header, final, kept);
    }

    private static ReadOnlyMemory<byte> Build(in BatchHeader from, in BatchHeader to, List<Record> records)
    {
        var builder = new BatchBuilder();
        var shift = from.BaseTimestamp - to.BaseTimestamp;
        foreach (var record in records)
        {
            builder.Add(record with { TimestampDelta = record.TimestampDelta + shift });
        }

        var largest = from.StampedByBroker ? from.MaxTimestamp : from.BaseTimestamp + records.Max(r => r.TimestampDelta);
        return builder.Build(to with { MaxTimestamp = largest });
    }

    private bool IsKept(in BatchHeader header, in Record record)
    {
        if (record.Key is not { } key || (_latest.TryGetValue(Hash(key.Span), out var latest) && latest > header.BaseOffset + record.OffsetDelta))
        {
            return false;
        }

        var expired = record.Value is null && header.HasDeleteHorizon && header.BaseTimestamp <= now;
        return !expired || _sawOpaque;
    }

    /// <summary>All records, or false where the batch is compressed in a way not opened here, or is not what it says (then it is better kept).</summary>
    private static bool TryOpen(in BatchHeader header, ReadOnlyMemory<byte> batch, out List<Record> records)
    {
        records = [];
        if (!Decompressor.TryRead(header, batch, out var bytes))
        {
            return false;
        }

        var reader = new RecordReader(bytes);
        while (!reader.AtEnd)
        {
            if (!reader.TryRead(out var record))
            {
                return false;
            }

            records.Add(record);
        }

        return records.Count == header.RecordCount;
    }

    private static UInt128 Hash(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
