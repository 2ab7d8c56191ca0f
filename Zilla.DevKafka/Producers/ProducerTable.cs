using Zilla.DevKafka.Log;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Producers;

/// <summary>
/// What one partition remembers of the idempotent producers that write to it: epoch, last sequence and the last five batches, so that a batch
/// sent again is answered with its first offset and a gap is refused. Guarded by the log's lock; rebuilt from the log, which holds it all.
/// </summary>
internal sealed class ProducerTable
{
    /// <summary>As many batches as an idempotent client may have in flight.</summary>
    private const int Remembered = 5;

    private readonly Dictionary<long, ProducerEntry> _producers = [];

    /// <summary>Whether the batch may be appended. <paramref name="duplicateOf"/> is its offset when it is in the log already.</summary>
    public ErrorCode Check(in BatchHeader batch, out long? duplicateOf)
    {
        duplicateOf = null;
        if (batch.ProducerId < 0 || !_producers.TryGetValue(batch.ProducerId, out var known))
        {
            // A producer nobody remembers may start anywhere: its state may have gone with expired records.
            return ErrorCode.None;
        }

        if (batch.ProducerEpoch != known.Epoch)
        {
            return batch.ProducerEpoch < known.Epoch ? ErrorCode.InvalidProducerEpoch
                : batch.BaseSequence != 0 ? ErrorCode.OutOfOrderSequenceNumber
                : ErrorCode.None;
        }

        foreach (var last in known.Batches)
        {
            if (last.BaseSequence == batch.BaseSequence && last.LastSequence == batch.LastSequence)
            {
                duplicateOf = last.BaseOffset;
                return ErrorCode.None;
            }
        }

        var expected = (int)((known.LastSequence + 1L) & int.MaxValue);
        return batch.BaseSequence == expected ? ErrorCode.None : ErrorCode.OutOfOrderSequenceNumber;
    }

    public void Update(in BatchHeader batch, long now)
    {
        if (batch.ProducerId < 0)
        {
            return;
        }

        var batches = _producers.TryGetValue(batch.ProducerId, out var known) && known.Epoch == batch.ProducerEpoch ? known.Batches : [];
        if (batch.IsControl)
        {
            // A marker has no sequence. One of a newer epoch (the coordinator fenced the producer) ends the older one here too.
            _producers[batch.ProducerId] = new ProducerEntry(batch.ProducerId, batch.ProducerEpoch, batches, now);
            return;
        }

        batches = batches.Length < Remembered ? batches : batches[1..];
        _producers[batch.ProducerId] = new ProducerEntry(
            batch.ProducerId, batch.ProducerEpoch, [.. batches, new ProducerBatch(batch.BaseSequence, batch.LastSequence, batch.BaseOffset)], now);
    }

    /// <summary>Forgets producers last heard of before <paramref name="before"/> (ms since 1970).</summary>
    public void Expire(long before)
    {
        foreach (var (id, entry) in _producers)
        {
            if (entry.LastHeard < before)
            {
                _producers.Remove(id);
            }
        }
    }

    public void Clear() => _producers.Clear();

    public IReadOnlyList<ProducerEntry> Entries() => [.. _producers.Values];

    public void Load(IEnumerable<ProducerEntry> entries)
    {
        foreach (var entry in entries)
        {
            _producers[entry.ProducerId] = entry;
        }
    }
}
