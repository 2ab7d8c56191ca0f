using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// OffsetDelete v0, never flexible. Only of groups without members: what members are subscribed to is not looked into.
/// <code>
/// request:  group | [topic, [partition]]
/// response: error | throttle ms | [topic, [partition, error]]
/// </code>
/// </summary>
internal sealed class OffsetDeleteApi(GroupCoordinator groups) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.OffsetDelete, 0, 0, short.MaxValue);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (r, w) = (call.Request, call.Response);
        var group = r.String();
        var topics = r.Array(t => (Topic: t.String(), Partitions: t.Array(p => p.Int32())));
        var known = groups.Describe(group);
        var error = known is null ? ErrorCode.GroupIdNotFound : ErrorCode.None;
        var each = known is { Members.Count: > 0 } ? ErrorCode.GroupSubscribedToTopic : ErrorCode.None;
        if (error == ErrorCode.None && each == ErrorCode.None)
        {
            each = groups.Offsets.Commit(group, [.. topics.SelectMany(t => t.Partitions.Select(p => KeyValuePair.Create(new TopicPartition(t.Topic, p), (CommittedOffset?)null)))]);
        }

        w.Error(error);
        w.Int32(0);
        w.Array(error == ErrorCode.None ? topics : [], (t, topic) =>
        {
            t.String(topic.Topic);
            t.Array(topic.Partitions, (p, partition) =>
            {
                p.Int32(partition);
                p.Error(each);
            });
        });
        return ValueTask.CompletedTask;
    }
}
