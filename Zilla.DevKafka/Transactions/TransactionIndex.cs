using Zilla.DevKafka.Log;

namespace Zilla.DevKafka.Transactions;

/// <summary>
/// What one partition knows of transactions: which are open, and which were aborted. Guarded by the log's lock; rebuilt from the log, which keeps every
/// record of an open transaction and the marker of every one whose records are still there.
/// </summary>
internal sealed class TransactionIndex
{
    private readonly Dictionary<long, OpenTransaction> _open = [];
    private readonly SortedSet<long> _starts = [];

    /// <summary>In the order of their markers.</summary>
    private readonly List<AbortedTransaction> _aborted = [];

    /// <summary>The first record that is neither committed nor aborted; null when all are.</summary>
    public long? FirstOpen => _starts.Count > 0 ? _starts.Min : null;

    public IReadOnlyList<OpenTransaction> Open => [.. _open.Values];

    public IReadOnlyList<AbortedTransaction> AllAborted => [.. _aborted];

    public OpenTransaction? Find(long producerId) => _open.TryGetValue(producerId, out var open) ? open : null;

    /// <summary>Takes note of a batch that is in the log now.</summary>
    public void Update(in BatchHeader header, ReadOnlyMemory<byte> batch)
    {
        if (!header.IsTransactional)
        {
            return;
        }

        if (!header.IsControl)
        {
            if (_open.TryAdd(header.ProducerId, new(header.ProducerId, header.ProducerEpoch, header.BaseOffset)))
            {
                _starts.Add(header.BaseOffset);
            }
        }
        else if (_open.Remove(header.ProducerId, out var open))
        {
            _starts.Remove(open.FirstOffset);
            if (!TransactionMarker.IsCommit(header, batch))
            {
                _aborted.Add(new(header.ProducerId, open.FirstOffset, header.BaseOffset));
            }
        }
    }

    /// <summary>The aborted transactions that have something at <paramref name="from"/> or later and before <paramref name="to"/>.</summary>
    public List<AbortedTransaction> Aborted(long from, long to)
    {
        int low = 0, high = _aborted.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _aborted[middle].LastOffset < from ? (middle + 1, high) : (low, middle);
        }

        var found = new List<AbortedTransaction>();
        for (; low < _aborted.Count; low++)
        {
            if (_aborted[low].FirstOffset < to)
            {
                found.Add(_aborted[low]);
            }
        }

        return found;
    }

    /// <summary>Forgets the aborted transactions whose markers are not in the log any more.</summary>
    public void ForgetAborted(Predicate<AbortedTransaction> isGone) => _aborted.RemoveAll(isGone);
}
