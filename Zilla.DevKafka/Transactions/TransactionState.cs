namespace Zilla.DevKafka.Transactions;

/// <summary>
/// Where a transactional id stands; names and numbers as Apache Kafka's.
/// <code>
///            partition or group added            EndTxn            markers and offsets written
/// Empty ──────────────────────────────▶ Ongoing ────────▶ Prepare… ──────────────────────────▶ Complete…
///   ▲                                      ▲                                                      │
///   └── InitProducerId (from any state) ───┴──────────── partition or group added ────────────────┘
/// </code>
/// </summary>
internal enum TransactionState : sbyte
{
    Empty = 0,
    Ongoing = 1,
    PrepareCommit = 2,
    PrepareAbort = 3,
    CompleteCommit = 4,
    CompleteAbort = 5,
}
