using Zilla.AppHost.Hosting.Publishing.Yaml;

namespace Zilla.AppHost.Hosting.Publishing.Compose;

/// <summary>Apache Kafka, one node, beside the suite: for where there is no cluster. It creates the topics of <c>topics.conf</c> once it is up.</summary>
/// <param name="name">The container's; also its host name.</param>
/// <param name="topics">Lines of <c>topics.conf</c>: a name, then <c>partitions=N</c> and the topic's settings.</param>
internal sealed class ComposeKafka(string name, IReadOnlyList<string> topics)
{
    public const string Volume = "kafka-data";

    private const string Image = "${KAFKA_IMAGE:-apache/kafka:4.1.0}";
    private const string Tools = "/opt/kafka/bin";

    /// <summary>The container to wait for, and what of it.</summary>
    public (string Name, string Condition) Ready => topics.Count > 0 ? (TopicsName, "service_completed_successfully") : (name, "service_healthy");

    private string TopicsName => $"{name}-topics";

    /// <param name="name">The broker's.</param>
    /// <param name="configuration">Path of the configuration that <c>topics.conf</c> may lie beside, or a URL.</param>
    public static ComposeKafka Beside(string name, string configuration)
    {
        var file = Path.Combine(Path.GetDirectoryName(configuration) ?? "", "topics.conf");
        return new(name, File.Exists(file) ? [.. File.ReadLines(file).Select(line => line.Split('#')[0].Trim()).Where(line => line.Length > 0)] : []);
    }

    public IEnumerable<(string Name, YamlMap Container)> Containers()
    {
        yield return (name, Broker());
        if (topics.Count > 0)
        {
            yield return (TopicsName, Topics());
        }
    }

    private YamlMap Broker() => new()
    {
        { "image", Image },
        { "environment", new YamlMap
        {
            { "KAFKA_NODE_ID", "1" },
            { "KAFKA_PROCESS_ROLES", "broker,controller" },
            { "KAFKA_LISTENERS", "PLAINTEXT://:9092,CONTROLLER://:9093" },
            { "KAFKA_ADVERTISED_LISTENERS", $"PLAINTEXT://{name}:9092" },
            { "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT" },
            { "KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER" },
            { "KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093" },
            { "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1" },
            { "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1" },
            { "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1" },
            { "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0" },
            { "KAFKA_LOG_DIRS", "/var/lib/kafka/data" },
        } },
        { "volumes", new[] { new YamlMap { { "type", "volume" }, { "source", Volume }, { "target", "/var/lib/kafka/data" } } } },
        { "healthcheck", new YamlMap
        {
            { "test", new[] { "CMD-SHELL", $"{Tools}/kafka-broker-api-versions.sh --bootstrap-server localhost:9092 > /dev/null" } },
            { "interval", "5s" },
            { "timeout", "10s" },
            { "retries", 20 },
        } },
        { "restart", "unless-stopped" },
    };

    private YamlMap Topics() => new()
    {
        { "image", Image },
        { "depends_on", new YamlMap { { name, new YamlMap { { "condition", "service_healthy" } } } } },
        { "entrypoint", new[] { "/bin/sh", "-ec" } },
        { "command", new[] { string.Join("\n", topics.Select(Create)) + "\n" } },
        { "restart", "no" },
    };

    private string Create(string topic)
    {
        var words = topic.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var settings = words.Skip(1).Select(word => word.StartsWith("partitions=", StringComparison.Ordinal) ? $"--partitions {word[11..]}" : $"--config {word}");
        return $"{Tools}/kafka-topics.sh --bootstrap-server {name}:9092 --create --if-not-exists --topic {words[0]} {string.Join(' ', settings)}".TrimEnd();
    }
}
