using Zilla.DevKafka.Transactions;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Log;

/// <summary>Transactions as one partition sees them: records that are not decided yet, and the markers that decide.</summary>
internal sealed partial class PartitionLog
{
    /// <summary>Up to where a read_committed reader may read: before the first record of a transaction that is still open.</summary>
    public long LastStableOffset
    {
        get
        {
            lock (_gate)
            {
                return Stable;
            }
        }
    }

    /// <summary>The transactions that have written here and have no marker yet.</summary>
    public IReadOnlyList<OpenTransaction> OpenTransactions
    {
        get
        {
            lock (_gate)
            {
                return _transactions.Open;
            }
        }
    }

    private long Stable => _transactions.FirstOpen ?? Active.NextOffset;

    /// <summary>
    /// Ends what the producer has open here by a marker, which bears <paramref name="producerEpoch"/>. Where it has nothing open nothing is written, so that a
    /// coordinator that was interrupted can do it again.
    /// </summary>
    public ErrorCode EndTransaction(long producerId, short producerEpoch, bool commit)
    {
        lock (_gate)
        {
            if (_disposed || _transactions.Find(producerId) is null)
            {
                return ErrorCode.None;
            }

            var marker = TransactionMarker.Build(producerId, producerEpoch, commit, _options.Now);
            return BatchHeader.TryRead(marker, out var header) == BatchResult.Batch ? TryWrite(marker, header).Error : ErrorCode.UnknownServerError;
        }
    }
}
