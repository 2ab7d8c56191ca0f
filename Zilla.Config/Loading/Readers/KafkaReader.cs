using System.Globalization;
using Zilla.Config.Bindings;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §2.13.</summary>
internal static class KafkaReader
{
    public static BindingConfig CacheClient(BindingNode node) => new KafkaCacheClientBinding
    {
        Name = node.Name,
        Exit = node.Exit,
        Topics = Topics(node.Options),
        Routes = Routes(node),
    };

    public static BindingConfig CacheServer(BindingNode node) => new KafkaCacheServerBinding
    {
        Name = node.Name,
        Exit = node.Exit,
        Bootstrap = node.Options.Texts("bootstrap"),
        Topics = Topics(node.Options),
        Routes = Routes(node),
    };

    public static BindingConfig Client(BindingNode node) => new KafkaClientBinding
    {
        Name = node.Name,
        Exit = node.Exit,
        Servers = Servers(node.Options),
        Sasl = KafkaSaslReader.Read(node.Options),
        Routes = Routes(node),
    };

    /// <summary><c>filters</c> of http-kafka and sse-kafka.</summary>
    public static IReadOnlyList<KafkaFilterConfig> Filters(MappingReader with) =>
    [
        .. with.Mappings("filters").Select(filter =>
        {
            var read = new KafkaFilterConfig { Key = filter.Text("key"), Headers = filter.TextMap("headers") };
            filter.Finish();
            return read;
        }),
    ];

    private static IReadOnlyList<KafkaTopicConfig> Topics(MappingReader options) =>
    [
        .. options.Mappings("topics").Select(topic =>
        {
            topic.NotYet("key", "value", "transforms");
            if (topic.Choice("deltaType", ("none", false), ("json_patch", true)) is true)
            {
                topic.Findings.Report(topic.Path / "deltaType", "'deltaType: json_patch' is not supported yet");
            }

            var read = new KafkaTopicConfig
            {
                Name = topic.RequiredText("name"),
                Key = ModelReader.Read(topic, "key"),
                Value = ModelReader.Read(topic, "value"),
                DefaultOffset = topic.Choice("defaultOffset", ("historical", KafkaDefaultOffset.Historical), ("live", KafkaDefaultOffset.Live))
                    ?? KafkaDefaultOffset.Historical,
            };
            topic.Finish();
            return read;
        }),
    ];

    public static KafkaAcks? Acks(MappingReader reader) =>
        reader.Choice("acks", ("none", KafkaAcks.None), ("leader_only", KafkaAcks.LeaderOnly), ("in_sync_replicas", KafkaAcks.InSyncReplicas));

    // One entry may hold several, separated by commas: that is how a variable of the environment names a cluster.
    private static IReadOnlyList<string> Servers(MappingReader options)
    {
        var servers = new List<string>();
        foreach (var (item, at) in options.Items("servers"))
        {
            if (options.AsText(item, at) is { } text)
            {
                var several = text.Split(',', StringSplitOptions.TrimEntries);
                servers.AddRange(several);
                if (!several.All(IsHostPort))
                {
                    options.Findings.Report(item.Start, at, $"expected host:port, found {item.Describe}");
                }
            }
        }

        return servers;
    }

    private static bool IsHostPort(string server) =>
        server.LastIndexOf(':') is var colon && colon > 0 && !server.Any(char.IsWhiteSpace) && !server.Contains('/', StringComparison.Ordinal)
        && ushort.TryParse(server.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0;

    // `when.topic` on a kafka client is of the 1.x dialect; 2.x has it on the cache kinds alone.
    private static IReadOnlyList<KafkaRoute> Routes(BindingNode node) =>
    [
        .. node.Routes.Select(route => new KafkaRoute { Exit = route.Exit, Topics = [.. route.When.Select(when => when.RequiredText("topic"))] }),
    ];
}
