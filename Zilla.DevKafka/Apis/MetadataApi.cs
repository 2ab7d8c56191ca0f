using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// Metadata v0-12, flexible from 9. Topics asked for by name are created when the client and the broker allow it.
/// <code>
/// request:  [(v10+) topic id, name (v10+ nullable)] (v0: empty = all, v1+: null = all) | (v4+) allow auto-create
///           | (v8-10) include cluster operations | (v8+) include topic operations
/// response: (v3+) throttle ms | [node, host, port, (v1+) rack] | (v2+) cluster id | (v1+) controller
///           | [error, name, (v10+) topic id, (v1+) internal, [error, index, leader, (v7+) leader epoch, [replica], [in sync], (v5+) [offline]],
///              (v8+) operations] | (v8-10) cluster operations
/// </code>
/// </summary>
internal sealed class MetadataApi(TopicStore topics, BrokerIdentity identity, BrokerOptions options) : IApi
{
    /// <summary>"Not asked for", of the authorized operations.</summary>
    private const int NoOperations = int.MinValue;

    private static readonly int[] Replicas = [BrokerIdentity.NodeId];

    public ApiVersionRange Versions { get; } = new(ApiKey.Metadata, 0, 12, 9);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var version = call.Version;
        var asked = call.Request.NullableArray(r =>
        {
            var id = version >= 10 ? r.Uuid() : Guid.Empty;
            var name = version >= 10 ? r.NullableString() : r.String();
            r.Tags();
            return (Id: id, Name: name);
        });
        var autoCreate = version < 4 || call.Request.Bool();
        var entries = asked is null || (version == 0 && asked.Count == 0)
            ? topics.All.Select(t => new Entry(ErrorCode.None, t.Name, t.Id, t)).OrderBy(e => e.Name, StringComparer.Ordinal).ToList()
            : asked.ConvertAll(a => Resolve(a.Id, a.Name, autoCreate && options.AutoCreateTopics));
        Write(call.Response, version, entries);
        return ValueTask.CompletedTask;
    }

    private Entry Resolve(Guid id, string? name, bool create)
    {
        if (name is null)
        {
            return topics.Find(id) is { } byId ? new(ErrorCode.None, byId.Name, id, byId) : new(ErrorCode.UnknownTopicId, null, id, null);
        }

        if (!TopicName.IsValid(name))
        {
            return new(ErrorCode.InvalidTopic, name, Guid.Empty, null);
        }

        var topic = topics.Find(name) ?? (create ? topics.Create(name, options.DefaultPartitions, new Dictionary<string, string>()).Topic : null);
        return topic is null ? new(ErrorCode.UnknownTopicOrPartition, name, Guid.Empty, null) : new(ErrorCode.None, name, topic.Id, topic);
    }

    private void Write(WireWriter response, short version, List<Entry> entries)
    {
        if (version >= 3)
        {
            response.Int32(0);
        }

        response.Array([identity], (w, broker) =>
        {
            w.Int32(BrokerIdentity.NodeId);
            w.String(broker.Host);
            w.Int32(broker.Port);
            if (version >= 1)
            {
                w.String(null);
            }

            w.Tags();
        });
        if (version >= 2)
        {
            response.String(identity.ClusterId);
        }

        if (version >= 1)
        {
            response.Int32(BrokerIdentity.NodeId);
        }

        response.Array(entries, (w, entry) => WriteTopic(w, version, entry));
        if (version is >= 8 and <= 10)
        {
            response.Int32(NoOperations);
        }

        response.Tags();
    }

    private static void WriteTopic(WireWriter w, short version, Entry entry)
    {
        w.Error(entry.Error);
        w.String(entry.Name ?? (version >= 12 ? null : ""));
        if (version >= 10)
        {
            w.Uuid(entry.Id);
        }

        if (version >= 1)
        {
            w.Bool(false);
        }

        w.Array(Enumerable.Range(0, entry.Topic?.Partitions.Count ?? 0).ToList(), (p, index) =>
        {
            p.Error(ErrorCode.None);
            p.Int32(index);
            p.Int32(BrokerIdentity.NodeId);
            if (version >= 7)
            {
                p.Int32(0);
            }

            p.Array(Replicas, static (n, node) => n.Int32(node));
            p.Array(Replicas, static (n, node) => n.Int32(node));
            if (version >= 5)
            {
                p.Array<int>([], static (n, node) => n.Int32(node));
            }

            p.Tags();
        });
        if (version >= 8)
        {
            w.Int32(NoOperations);
        }

        w.Tags();
    }

    private readonly record struct Entry(ErrorCode Error, string? Name, Guid Id, Topic? Topic);
}
