using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Producers;
using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Transactions;

/// <summary>What a transaction does outside itself: its own state on disk, markers in the partitions, offsets of the groups.</summary>
internal sealed class TransactionEffects(TransactionStore store, TopicStore topics, OffsetStore offsets, ProducerIds producerIds)
{
    public long NextProducerId() => producerIds.Next();

    public ErrorCode Save(string transactionalId, TransactionData? data) => store.Write(transactionalId, data);

    public ErrorCode AddOffsets(long producerId, string group, IReadOnlyCollection<KeyValuePair<TopicPartition, CommittedOffset>> pending) =>
        offsets.AddPending(producerId, group, pending);

    /// <summary>Writes the markers and settles the offsets. May be done again: what is done already is left as it is.</summary>
    public ErrorCode Apply(TransactionData data, bool commit)
    {
        foreach (var partition in data.Partitions)
        {
            // A topic that was deleted meanwhile needs no marker.
            var error = topics.Partition(partition.Topic, partition.Partition)?.EndTransaction(data.Producer.Id, data.Producer.Epoch, commit) ?? ErrorCode.None;
            if (error != ErrorCode.None)
            {
                return error;
            }
        }

        return offsets.EndTransaction(data.Producer.Id, commit);
    }
}
