using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Zilla.AppHost.Tests.Publishing;

[Collection(PublishedCollection.Name)]
public sealed partial class ComposeTests(PublishedFixture published)
{
    public static TheoryData<bool> Both => [false, true];

    [Theory]
    [MemberData(nameof(Both))]
    public void Compose_References_Resolve(bool secure)
    {
        var compose = Compose(secure);
        var services = compose["services"]!.AsObject();
        foreach (var (name, service) in services)
        {
            Assert.All(service!["depends_on"]?.AsObject().Select(d => d.Key) ?? [], dependency => Assert.True(services.ContainsKey(dependency), $"{name} → {dependency}"));
            foreach (var kind in new[] { "configs", "secrets" })
            {
                Assert.All(service[kind]?.AsArray() ?? [], mount => Assert.NotNull(compose[kind]![Text(mount!["source"])]!["file"]));
            }

            foreach (var volume in service["volumes"]?.AsArray() ?? [])
            {
                switch ((Text(volume!["type"]), volume["source"]?.GetValue<string>()))
                {
                    case ("volume", { } named):
                        Assert.NotNull(compose["volumes"]![named]);
                        break;
                    case ("bind", { } path):
                        Assert.True(Path.Exists(Path.Combine(Folder(secure), path)), path);
                        break;
                }
            }

            // Who is called by name has to be there, on the port that it listens on.
            foreach (var (host, port) in Addresses(service["environment"]?.AsObject() ?? []))
            {
                var urls = services[host]?["environment"]?.AsObject().Where(v => v.Key.EndsWith("__Url", StringComparison.Ordinal)).Select(v => Text(v.Value)) ?? [];
                Assert.Contains($"http://0.0.0.0:{port}", urls);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void Compose_Services_AreConfined_AndOnlyEdgesPublishPorts(bool secure)
    {
        foreach (var (name, service) in Compose(secure)["services"]!.AsObject().Where(s => Text(s.Value!["image"]).Contains("zilla/", StringComparison.Ordinal)))
        {
            Assert.True(service!["read_only"]!.GetValue<bool>());
            Assert.Equal("""["ALL"]""", service["cap_drop"]!.ToJsonString());
            Assert.Equal("/home/app/state", Text(service["environment"]!["Zilla__StateDirectory"]));
            Assert.Contains(service["volumes"]!.AsArray(), volume => Text(volume!["target"]) == "/home/app");
            Assert.Equal(name.StartsWith("edge-", StringComparison.Ordinal), service["ports"] is not null);
            Assert.All(service["ports"]?.AsArray() ?? [], port => Assert.StartsWith("${ZILLA_BIND:-127.0.0.1}:", Text(port), StringComparison.Ordinal));
            Assert.Null(service["command"]);
        }
    }

    [Fact]
    public void Compose_Quickstart_BringsKafkaWithItsTopics()
    {
        var compose = Compose(secure: false);
        var services = compose["services"]!;

        Assert.Equal("zilla-quickstart", Text(compose["name"]));
        Assert.Equal("""["${ZILLA_BIND:-127.0.0.1}:7114:7114"]""", services["edge-http"]!["ports"]!.ToJsonString().Replace("\\u002B", "+", StringComparison.Ordinal));
        Assert.Equal("dns:///kafka-cache:8081", Text(services["edge-http"]!["environment"]!["services__kafka-cache__grpc__0"]));
        Assert.Equal("${KAFKA_BOOTSTRAP_SERVER:-kafka:9092}", Text(services["control"]!["environment"]!["KAFKA_BOOTSTRAP_SERVER"]));
        Assert.Equal("PLAINTEXT://kafka:9092", Text(services["kafka"]!["environment"]!["KAFKA_ADVERTISED_LISTENERS"]));
        Assert.EndsWith("--create --if-not-exists --topic items-snapshots --partitions 1 --config cleanup.policy=compact\n", Text(services["kafka-topics"]!["command"]![0]), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(published.QuickstartFolder, "zilla", "www", "index.html")));
    }

    [Fact]
    public void Compose_Secrets_AreGivenWhereItRuns()
    {
        var compose = Compose(secure: true);
        var edge = compose["services"]!["edge-http"]!;

        Assert.Null(compose["services"]!["kafka"]);
        Assert.Equal("${KAFKA_BOOTSTRAP_SERVER:-broker-1:9092,broker-2:9092}", Text(compose["services"]!["control"]!["environment"]!["KAFKA_BOOTSTRAP_SERVER"]));
        Assert.StartsWith("${KEYS_PASSWORD:?", Text(compose["services"]!["control"]!["environment"]!["KEYS_PASSWORD"]), StringComparison.Ordinal);
        Assert.Equal("${ZILLA_CONFIG_TOKEN:-}", Text(compose["services"]!["control"]!["environment"]!["Zilla__ConfigToken"]));
        Assert.Null(edge["environment"]!["Zilla__ConfigToken"]);
        Assert.Null(edge["environment"]!["KEYS_PASSWORD"]);
        foreach (var service in new[] { "control", "kafka-cache", "edge-http", "edge-mqtt" })
        {
            Assert.StartsWith("${ZILLA_CHANNEL_KEY:?", Text(compose["services"]![service]!["environment"]!["Zilla__Channel__Key"]), StringComparison.Ordinal);
        }

        Assert.Equal("""[{"source":"tls__keys.p12","target":"/etc/zilla/tls/keys.p12"}]""", edge["secrets"]!.ToJsonString());
        Assert.False(File.Exists(Path.Combine(published.SecureFolder, "zilla", "tls", "keys.p12")));
        Assert.Equal(3, edge["deploy"]!["replicas"]!.GetValue<int>());
        Assert.Equal(0, edge["sysctls"]!["net.ipv4.ip_unprivileged_port_start"]!.GetValue<int>());

        // The exporter's port is for the network of the containers.
        Assert.Equal("""["7190"]""", edge["expose"]!.ToJsonString());

        // Each edge has the ports that end in its protocol.
        Assert.Equal("""["${ZILLA_BIND:-127.0.0.1}:443:443","${ZILLA_BIND:-127.0.0.1}:8080:8080"]""", edge["ports"]!.ToJsonString());
        var mqtt = compose["services"]!["edge-mqtt"]!;
        Assert.Equal("""["${ZILLA_BIND:-127.0.0.1}:1883:1883","${ZILLA_BIND:-127.0.0.1}:8883:8883"]""", mqtt["ports"]!.ToJsonString());
        Assert.Equal("""[{"source":"tls__keys.p12","target":"/etc/zilla/tls/keys.p12"}]""", mqtt["secrets"]!.ToJsonString());

        // 8080 is the configuration's own: the health endpoint makes way.
        Assert.Equal("http://0.0.0.0:8081", Text(edge["environment"]!["Kestrel__Endpoints__Http__Url"]));
        Assert.Contains("KEYS_PASSWORD has to be set", published.SecureOutput, StringComparison.Ordinal);
        Assert.Contains("ZILLA_CHANNEL_KEY has to be set", published.SecureOutput, StringComparison.Ordinal);
    }

    private string Folder(bool secure) => secure ? published.SecureFolder : published.QuickstartFolder;

    private JsonObject Compose(bool secure) => PublishedFixture.Compose(Folder(secure));

    private static string Text(JsonNode? node) => node!.GetValue<string>();

    private static IEnumerable<(string Host, string Port)> Addresses(JsonObject environment) => environment
        .Where(v => v.Key.StartsWith("services__", StringComparison.Ordinal))
        .Select(v => Address().Match(Text(v.Value))).Select(match => (match.Groups[1].Value, match.Groups[2].Value));

    [GeneratedRegex("^(?:http://|dns:///)([^:/]+):([0-9]+)$")]
    private static partial Regex Address();
}
