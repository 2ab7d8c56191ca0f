using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Transactions;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// TxnOffsetCommit v0-3, flexible from 3: offsets that are committed with the transaction. From v3 on the group's member can be named, and is checked.
/// <code>
/// request:  transactional id | group | producer id | epoch | (v3+) generation, member, instance | [topic, [partition, offset, (v2+) leader epoch, metadata]]
/// response: throttle ms | [topic, [partition, error]]
/// </code>
/// </summary>
internal sealed class TxnOffsetCommitApi(TransactionCoordinator transactions, GroupCoordinator groups, TopicStore topics, BrokerOptions options) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.TxnOffsetCommit, 0, 3, 3);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (r, w, version) = (call.Request, call.Response, call.Version);
        var id = r.String();
        var group = r.String();
        var producer = new ProducerIdentity(r.Int64(), r.Int16());
        var generation = version >= 3 ? r.Int32() : -1;
        var member = version >= 3 ? r.String() : "";
        var instance = version >= 3 ? r.NullableString() : null;
        var now = options.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var wanted = r.Array(t =>
        {
            var topic = t.String();
            var partitions = t.Array(p =>
            {
                var partition = new TopicPartition(topic, p.Int32());
                var offset = p.Int64();
                var epoch = version >= 2 ? p.Int32() : -1;
                var metadata = p.NullableString() ?? "";
                p.Tags();
                return KeyValuePair.Create(partition, new CommittedOffset(offset, epoch, metadata, now));
            });
            t.Tags();
            return (Topic: topic, Partitions: partitions);
        });
        r.Tags();

        var errors = wanted.SelectMany(t => t.Partitions).DistinctBy(p => p.Key).ToDictionary(p => p.Key, p => OffsetCommitApi.Check(topics, p.Key, p.Value));
        var good = wanted.SelectMany(t => t.Partitions).Where(p => errors[p.Key] == ErrorCode.None).ToList();
        var error = group.Length == 0 ? ErrorCode.InvalidGroupId : groups.CheckTransactionalCommit(group, member, instance, generation);
        if (error == ErrorCode.None)
        {
            error = transactions.Find(id)?.CommitOffsets(producer, group, good) ?? ErrorCode.InvalidProducerIdMapping;
        }

        w.Int32(0);
        w.Array(wanted, (t, topic) =>
        {
            t.String(topic.Topic);
            t.Array(topic.Partitions, (p, partition) =>
            {
                p.Int32(partition.Key.Partition);
                p.Error(error != ErrorCode.None ? error : errors[partition.Key]);
                p.Tags();
            });
            t.Tags();
        });
        w.Tags();
        return ValueTask.CompletedTask;
    }
}
