using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Transactions;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// AddPartitionsToTxn v0-3, flexible from 3: what a transaction is going to write to. All partitions are added or none.
/// <code>
/// request:  transactional id | producer id | epoch | [topic, [partition]]
/// response: throttle ms | [topic, [partition, error]]
/// </code>
/// </summary>
internal sealed class AddPartitionsToTxnApi(TransactionCoordinator transactions, TopicStore topics) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.AddPartitionsToTxn, 0, 3, 3);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (r, w) = (call.Request, call.Response);
        var id = r.String();
        var producer = new ProducerIdentity(r.Int64(), r.Int16());
        var wanted = r.Array(t =>
        {
            var topic = t.String();
            var partitions = t.Array(p => new TopicPartition(topic, p.Int32()));
            t.Tags();
            return (Topic: topic, Partitions: partitions);
        });
        r.Tags();
        var all = wanted.SelectMany(t => t.Partitions).ToList();
        var unknown = all.Where(p => topics.Partition(p.Topic, p.Partition) is null).ToHashSet();
        var error = unknown.Count > 0 ? ErrorCode.OperationNotAttempted
            : TransactionalId.ErrorFor(transactions.Find(id)?.AddPartitions(producer, all) ?? ErrorCode.InvalidProducerIdMapping, call.Version, fencedFrom: 2);

        w.Int32(0);
        w.Array(wanted, (t, topic) =>
        {
            t.String(topic.Topic);
            t.Array(topic.Partitions, (p, partition) =>
            {
                p.Int32(partition.Partition);
                p.Error(unknown.Contains(partition) ? ErrorCode.UnknownTopicOrPartition : error);
                p.Tags();
            });
            t.Tags();
        });
        w.Tags();
        return ValueTask.CompletedTask;
    }
}
