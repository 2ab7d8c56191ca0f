using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// CreateTopics v0-7, flexible from 5.
/// <code>
/// request:  [name, partitions (-1 = default), replication factor, [partition, [node]], [config name, value]] | timeout ms | (v1+) validate only
/// response: (v2+) throttle ms | [name, (v7+) topic id, error, (v1+) message, (v5+) partitions, replication factor, [name, value, read only, source, sensitive]]
/// </code>
/// </summary>
internal sealed class CreateTopicsApi(TopicStore topics, BrokerOptions options) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.CreateTopics, 0, 7, 5);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (request, version) = (call.Request, call.Version);
        var wanted = request.Array(ReadTopic);
        request.Int32();
        var validateOnly = version >= 1 && request.Bool();
        var twice = wanted.GroupBy(t => t.Name).Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet();
        var results = wanted.DistinctBy(t => t.Name).Select(t => (t.Name, Result: twice.Contains(t.Name)
            ? new TopicResult(ErrorCode.InvalidRequest, Message: "the topic is in the request twice")
            : Create(t, validateOnly))).ToList();

        if (version >= 2)
        {
            call.Response.Int32(0);
        }

        call.Response.Array(results, (w, r) => Write(w, version, r.Name, r.Result));
        call.Response.Tags();
        return ValueTask.CompletedTask;
    }

    private TopicResult Create(NewTopic topic, bool validateOnly)
    {
        if (topic.Assignments.Count > 0)
        {
            // Only the one node can be named; the partitions must be 0..n-1.
            var valid = topic.Partitions == -1
                && topic.Assignments.All(a => a.Nodes is [BrokerIdentity.NodeId])
                && topic.Assignments.Select(a => a.Partition).Order().SequenceEqual(Enumerable.Range(0, topic.Assignments.Count));
            return valid
                ? topics.Create(topic.Name, topic.Assignments.Count, topic.Config, validateOnly)
                : new(ErrorCode.InvalidReplicaAssignment, Message: $"assignments must name node {BrokerIdentity.NodeId} for partitions 0 to n-1");
        }

        return topic.ReplicationFactor is -1 or 1
            ? topics.Create(topic.Name, topic.Partitions == -1 ? options.DefaultPartitions : topic.Partitions, topic.Config, validateOnly)
            : new(ErrorCode.InvalidReplicationFactor, Message: "this broker is the only one: the replication factor is 1");
    }

    private static NewTopic ReadTopic(WireReader r)
    {
        var name = r.String();
        var partitions = r.Int32();
        var replicas = r.Int16();
        var assignments = r.Array(a =>
        {
            var assignment = (Partition: a.Int32(), Nodes: a.Array(n => n.Int32()));
            a.Tags();
            return assignment;
        });
        var config = new Dictionary<string, string>(StringComparer.Ordinal);
        r.Array(c =>
        {
            var key = c.String();
            if (c.NullableString() is { } value)
            {
                config[key] = value;
            }

            c.Tags();
            return 0;
        });
        r.Tags();
        return new(name, partitions, replicas, assignments, config);
    }

    private static void Write(WireWriter w, short version, string name, TopicResult result)
    {
        w.String(name);
        if (version >= 7)
        {
            w.Uuid(result.Topic?.Id ?? Guid.Empty);
        }

        w.Error(result.Error);
        if (version >= 1)
        {
            w.String(result.Message);
        }

        if (version >= 5)
        {
            var created = result.Error == ErrorCode.None ? result.Topic : null;
            w.Int32(created?.Partitions.Count ?? -1);
            w.Int16(created is null ? (short)-1 : (short)1);
            w.Array(created is null ? [] : TopicConfigKeys.All.Keys, (c, key) =>
            {
                c.String(key);
                c.String(created!.Config[key]);
                c.Bool(false);
                c.Int8((sbyte)created.Config.SourceOf(key));
                c.Bool(false);
                c.Tags();
            });
        }

        w.Tags();
    }

    private sealed record NewTopic(string Name, int Partitions, short ReplicationFactor, List<(int Partition, List<int> Nodes)> Assignments, Dictionary<string, string> Config);
}
