using Confluent.Kafka;

namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>
/// A transactional producer: the part of the client library's that is used. Calls block and come from one thread at a time. What goes wrong is a
/// <see cref="KafkaException"/>: <see cref="KafkaRetriableException"/>: the same call once more; <see cref="KafkaTxnRequiresAbortException"/>: the transaction is
/// to be aborted; any other: this producer can write no more, somebody has taken its place.
/// </summary>
internal interface ITransactions : IDisposable
{
    /// <summary>Ends what a predecessor with the same id left open, and keeps it from writing ever again.</summary>
    void Initialize();

    void Begin();

    /// <summary>Hands a record over; Kafka's word on it comes until <see cref="Commit"/> or <see cref="Abort"/> return, from any thread.</summary>
    void Produce(TransactionRecord record, Action<DeliveryResult> delivered);

    void Commit();

    void Abort();

    /// <summary>How many partitions a topic has; whether it is created by being asked for is the broker's to decide.</summary>
    int PartitionsOf(string topic);
}

/// <summary>Where a record lies, or why it does not.</summary>
internal readonly record struct DeliveryResult(Error Error, long Offset);
