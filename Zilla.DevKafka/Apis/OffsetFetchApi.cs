using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// OffsetFetch v1-9, flexible from 6.
/// <code>
/// request:  (v1-7) group, [topic, [partition]] (v2+: null = all) | (v8+) [group, (v9+) member, epoch, [topic, [partition]]] | (v7+) require stable
/// response: (v3+) throttle ms | (v1-7) topics, (v2-7) error | (v8+) [group, topics, error]
///           topics = [topic, [partition, offset (-1 = none), (v5+) leader epoch, metadata, error]]
/// </code>
/// Stable offsets are those that no open transaction may still change; where one may, the partition has UNSTABLE_OFFSET_COMMIT and clients ask again.
/// </summary>
internal sealed class OffsetFetchApi(GroupCoordinator groups) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.OffsetFetch, 1, 9, 6);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (r, w, version) = (call.Request, call.Response, call.Version);
        var asked = version >= 8 ? r.Array(g => ReadGroup(g, version)) : [ReadGroup(r, version)];
        var stable = version >= 7 && r.Bool();
        if (version >= 3)
        {
            w.Int32(0);
        }

        if (version >= 8)
        {
            w.Array(asked, (g, group) =>
            {
                g.String(group.Id);
                WriteTopics(g, version, group, stable);
                g.Error(ErrorCode.None);
                g.Tags();
            });
        }
        else
        {
            WriteTopics(w, version, asked[0], stable);
            if (version >= 2)
            {
                w.Error(ErrorCode.None);
            }
        }

        w.Tags();
        return ValueTask.CompletedTask;
    }

    private static AskedGroup ReadGroup(WireReader r, short version)
    {
        var id = r.String();
        if (version >= 9)
        {
            r.NullableString();
            r.Int32();
        }

        var topics = r.NullableArray(t =>
        {
            var topic = t.String();
            var partitions = t.Array(p => p.Int32());
            t.Tags();
            return (Topic: topic, Partitions: partitions);
        });
        if (version >= 8)
        {
            r.Tags();
        }

        return new(id, topics);
    }

    private void WriteTopics(WireWriter w, short version, AskedGroup group, bool stable)
    {
        var topics = group.Topics
            ?? groups.Offsets.All(group.Id).GroupBy(o => o.Key.Topic, o => o.Key.Partition).Select(t => (t.Key, t.Order().ToList())).ToList();
        w.Array(topics, (t, topic) =>
        {
            t.String(topic.Topic);
            t.Array(topic.Partitions, (p, partition) =>
            {
                var unstable = stable && groups.Offsets.IsUnstable(group.Id, new(topic.Topic, partition));
                var offset = unstable ? null : groups.Offsets.Find(group.Id, new(topic.Topic, partition));
                p.Int32(partition);
                p.Int64(offset?.Offset ?? -1);
                if (version >= 5)
                {
                    p.Int32(offset?.LeaderEpoch ?? -1);
                }

                p.String(offset?.Metadata ?? "");
                p.Error(unstable ? ErrorCode.UnstableOffsetCommit : ErrorCode.None);
                p.Tags();
            });
            t.Tags();
        });
    }

    private sealed record AskedGroup(string Id, List<(string Topic, List<int> Partitions)>? Topics);
}
