using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// OffsetCommit v1-9, flexible from 8.
/// <code>
/// request:  group | generation | member | (v7+) instance | (v2-4) retention ms
///           | [topic, [partition, offset, (v1) timestamp, (v6+) leader epoch, metadata]]
/// response: (v3+) throttle ms | [topic, [partition, error]]
/// </code>
/// </summary>
internal sealed class OffsetCommitApi(GroupCoordinator groups, TopicStore topics, BrokerOptions options) : IApi
{
    private const int MaximumMetadata = 4096;

    public ApiVersionRange Versions { get; } = new(ApiKey.OffsetCommit, 1, 9, 8);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (r, w, version) = (call.Request, call.Response, call.Version);
        var group = r.String();
        var generation = r.Int32();
        var member = r.String();
        var instance = version >= 7 ? r.NullableString() : null;
        _ = version is >= 2 and <= 4 ? r.Int64() : 0;
        var now = options.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var wanted = r.Array(t =>
        {
            var topic = t.String();
            var partitions = t.Array(p =>
            {
                var index = p.Int32();
                var offset = p.Int64();
                _ = version == 1 ? p.Int64() : 0;
                var epoch = version >= 6 ? p.Int32() : -1;
                var metadata = p.NullableString() ?? "";
                p.Tags();
                return (Partition: new TopicPartition(topic, index), Offset: new CommittedOffset(offset, epoch, metadata, now));
            });
            t.Tags();
            return (Topic: topic, Partitions: partitions);
        });

        var error = group.Length == 0 ? ErrorCode.InvalidGroupId : groups.CheckCommit(group, member, instance, generation);
        var results = wanted.ConvertAll(t => (t.Topic, Partitions: t.Partitions.ConvertAll(p => (p.Partition, p.Offset, Error: error != ErrorCode.None ? error : Check(topics, p.Partition, p.Offset)))));
        var good = results.SelectMany(t => t.Partitions).Where(p => p.Error == ErrorCode.None).Select(p => KeyValuePair.Create(p.Partition, (CommittedOffset?)p.Offset)).ToList();
        var stored = groups.Offsets.Commit(group, good);

        if (version >= 3)
        {
            w.Int32(0);
        }

        w.Array(results, (t, topic) =>
        {
            t.String(topic.Topic);
            t.Array(topic.Partitions, (p, partition) =>
            {
                p.Int32(partition.Partition.Partition);
                p.Error(partition.Error != ErrorCode.None ? partition.Error : stored);
                p.Tags();
            });
            t.Tags();
        });
        w.Tags();
        return ValueTask.CompletedTask;
    }

    /// <summary>Whether there is such a partition, and the metadata is not too long.</summary>
    public static ErrorCode Check(TopicStore topics, TopicPartition partition, CommittedOffset offset) =>
        topics.Partition(partition.Topic, partition.Partition) is null ? ErrorCode.UnknownTopicOrPartition
        : offset.Metadata.Length > MaximumMetadata ? ErrorCode.OffsetMetadataTooLarge
        : ErrorCode.None;
}
