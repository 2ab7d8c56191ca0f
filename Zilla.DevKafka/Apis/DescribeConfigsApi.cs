using System.Globalization;
using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// DescribeConfigs v0-4, flexible from 4: topics, and the few settings of the broker that admin tools look for (read only).
/// <code>
/// request:  [type: int8, name, [config] (null = all)] | (v1+) synonyms | (v3+) documentation
/// response: throttle ms | [error, message, type, name,
///           [config, value, read only, (v0) is default, (v1+) source, sensitive, (v1+) [synonym, value, source], (v3+) config type, documentation]]
/// </code>
/// </summary>
internal sealed class DescribeConfigsApi(TopicStore topics, BrokerOptions options) : IApi
{
    public ApiVersionRange Versions { get; } = new(ApiKey.DescribeConfigs, 0, 4, 4);

    public ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var (r, w, version) = (call.Request, call.Response, call.Version);
        var asked = r.Array(c =>
        {
            var resource = new ConfigResource(c.Int8(), c.String());
            var names = c.NullableArray(n => n.String());
            c.Tags();
            return (Resource: resource, Names: names);
        });
        var synonyms = version >= 1 && r.Bool();
        w.Int32(0);
        w.Array(asked, (c, a) =>
        {
            var (error, message, entries) = Describe(a.Resource);
            c.Error(error);
            c.String(message);
            c.Int8(a.Resource.Type);
            c.String(a.Resource.Name);
            c.Array(entries.Where(e => a.Names is null || a.Names.Contains(e.Name)).ToList(), (e, entry) => Write(e, version, entry, synonyms));
            c.Tags();
        });
        w.Tags();
        return ValueTask.CompletedTask;
    }

    private (ErrorCode Error, string? Message, IReadOnlyList<Entry> Entries) Describe(ConfigResource resource)
    {
        switch (resource.Type)
        {
            case ConfigResource.Topic when topics.Find(resource.Name) is { } topic:
                return (ErrorCode.None, null, [.. TopicConfigKeys.All.Values.OrderBy(k => k.Name, StringComparer.Ordinal)
                    .Select(k => new Entry(k.Name, topic.Config[k.Name], k.Default, k.Type, topic.Config.SourceOf(k.Name), ReadOnly: false))]);
            case ConfigResource.Topic:
                return (ErrorCode.UnknownTopicOrPartition, $"topic '{resource.Name}' does not exist", []);
            case ConfigResource.Broker when resource.Name.Length == 0 || resource.Name == BrokerIdentity.NodeId.ToString(CultureInfo.InvariantCulture):
                return (ErrorCode.None, null, [
                    Own("auto.create.topics.enable", options.AutoCreateTopics ? "true" : "false", ConfigType.Boolean),
                    Own("broker.id", BrokerIdentity.NodeId.ToString(CultureInfo.InvariantCulture), ConfigType.Int),
                    Own("default.replication.factor", "1", ConfigType.Int),
                    Own("num.partitions", options.DefaultPartitions.ToString(CultureInfo.InvariantCulture), ConfigType.Int)]);
            default:
                return (ErrorCode.InvalidRequest, $"no such resource: type {resource.Type}, '{resource.Name}'", []);
        }
    }

    private static Entry Own(string name, string value, ConfigType type) => new(name, value, value, type, ConfigSource.Broker, ReadOnly: true);

    private static void Write(WireWriter w, short version, Entry entry, bool synonyms)
    {
        w.String(entry.Name);
        w.String(entry.Value);
        w.Bool(entry.ReadOnly);
        if (version == 0)
        {
            w.Bool(entry.Source == ConfigSource.Default);
        }
        else
        {
            w.Int8((sbyte)entry.Source);
        }

        w.Bool(false);
        if (version >= 1)
        {
            List<(string Value, ConfigSource Source)> all = [(entry.Value, entry.Source)];
            if (entry.Source == ConfigSource.Topic)
            {
                all.Add((entry.Default, ConfigSource.Default));
            }

            w.Array(synonyms ? all : [], (s, synonym) =>
            {
                s.String(entry.Name);
                s.String(synonym.Value);
                s.Int8((sbyte)synonym.Source);
                s.Tags();
            });
        }

        if (version >= 3)
        {
            w.Int8((sbyte)entry.Type);
            w.String(null);
        }

        w.Tags();
    }

    private readonly record struct Entry(string Name, string Value, string Default, ConfigType Type, ConfigSource Source, bool ReadOnly);
}
