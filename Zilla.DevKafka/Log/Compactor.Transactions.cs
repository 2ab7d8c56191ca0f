using Zilla.DevKafka.Transactions;

namespace Zilla.DevKafka.Log;

/// <summary>What compaction does with transactions. Only what is decided is compacted: the segments it is given end before the first open transaction.</summary>
internal sealed partial class Compactor
{
    private readonly ILookup<long, AbortedTransaction> _aborted = aborted.ToLookup(a => a.ProducerId);

    /// <summary>Producers whose current transaction, in the order of the rewriting, keeps records.</summary>
    private readonly HashSet<long> _kept = [];
    private readonly HashSet<long> _droppedMarkers = [];

    /// <summary>Offsets of the markers that the rewriting has left out so far.</summary>
    public IReadOnlySet<long> DroppedMarkers => _droppedMarkers;

    private ReadOnlyMemory<byte> FilterMarker(in BatchHeader header, ReadOnlyMemory<byte> batch)
    {
        if (_kept.Remove(header.ProducerId))
        {
            return batch;
        }

        if (header.HasDeleteHorizon && header.BaseTimestamp <= now)
        {
            _droppedMarkers.Add(header.BaseOffset);
            return default;
        }

        if (!TryOpen(header, batch, out var records))
        {
            return batch;
        }

        // Readers that are among the records of its transaction still need it to know where that ends.
        var final = header.HasDeleteHorizon ? header : WithHorizon(header);
        NextHorizon = Math.Min(NextHorizon, final.BaseTimestamp);
        return header.HasDeleteHorizon ? batch : Build(header, final, records);
    }

    private bool IsAborted(in BatchHeader header)
    {
        var offset = header.BaseOffset;
        return header.IsTransactional && _aborted[header.ProducerId].Any(a => a.FirstOffset <= offset && offset <= a.LastOffset);
    }
}
