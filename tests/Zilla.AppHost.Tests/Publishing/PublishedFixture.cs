using System.Text.Json.Nodes;
using Zilla.Testing;

namespace Zilla.AppHost.Tests.Publishing;

/// <summary>What the AppHost publishes for two configurations: the quickstart, and one with TLS, secrets, a port of the privileged ones, and MQTT.</summary>
public sealed class PublishedFixture : IAsyncLifetime
{
    private const string Secure = """
        name: Secure
        vaults:
          stores:
            type: filesystem
            options:
              keys: {store: tls/keys.p12, type: pkcs12, password: "${{env.KEYS_PASSWORD}}"}
        telemetry: {exporters: {scraped: {type: prometheus, options: {endpoints: [{scheme: http, port: 7190}]}}}}
        bindings:
          tcp: {type: tcp, kind: server, options: {host: 127.0.0.1, port: [443, 8080]}, exit: tls}
          tls: {type: tls, kind: server, vault: stores, options: {keys: [localhost]}, exit: http}
          devices: {type: tcp, kind: server, options: {host: 127.0.0.1, port: [1883, 8883]}, routes: [{when: [{port: 8883}], exit: mqtts}], exit: mqtt}
          mqtts: {type: tls, kind: server, vault: stores, options: {keys: [localhost]}, exit: mqtt}
          mqtt: {type: mqtt, kind: server, exit: messages}
          messages: {type: mqtt-kafka, kind: proxy, options: {topics: {sessions: sessions, messages: messages, retained: retained}}, exit: cache}
          http: {type: http, kind: server, exit: sse}
          sse: {type: sse, kind: server, exit: events}
          events: {type: sse-kafka, kind: proxy, routes: [{when: [{path: /}], exit: cache, with: {topic: events}}]}
          cache: {type: kafka, kind: cache_client, exit: server}
          server: {type: kafka, kind: cache_server, exit: kafka}
          kafka: {type: kafka, kind: client, options: {servers: ["${{env.KAFKA_BOOTSTRAP_SERVER}}"]}, exit: out}
          out: {type: tcp, kind: client}
        """;

    private static readonly Dictionary<string, string?> Clean = new() { ["KAFKA_BOOTSTRAP_SERVER"] = null, ["ZILLA_KAFKA"] = null };

    private readonly string _folder = Directory.CreateTempSubdirectory("zilla-publish-").FullName;

    public string QuickstartFolder => Path.Combine(_folder, "quickstart");

    public string SecureFolder => Path.Combine(_folder, "secure");

    /// <summary>Everything the AppHost said.</summary>
    public string SecureOutput { get; private set; } = "";

    public async Task InitializeAsync()
    {
        var secure = Path.Combine(_folder, "secure.yaml");
        await File.WriteAllTextAsync(secure, Secure);
        var quickstart = Path.Combine(Repository.Root, "examples", "quickstart", "zilla.yaml");
        await DotnetRunAsync("publish", "--output", "quickstart", "--config", Path.GetRelativePath(_folder, quickstart));
        await PublishAsync(quickstart, "--publisher", "manifest", "--output-path", Path.Combine(QuickstartFolder, "aspire-manifest.json"));
        SecureOutput = await PublishAsync(secure, "publish", "--output", SecureFolder, "--kafka", "broker-1:9092,broker-2:9092", "--replicas", "edge-http=3", "--replicas", "kafka-cache=4");
        await PublishAsync(secure, "--publisher", "manifest", "--output-path", Path.Combine(SecureFolder, "aspire-manifest.json"), "--kafka", "broker-1:9092");
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    public static JsonObject Compose(string folder) => Assert.Single(YamlReader.Read(File.ReadAllText(Path.Combine(folder, "compose.yaml"))));

    public static JsonObject Manifest(string folder) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "aspire-manifest.json")))!.AsObject();

    /// <summary>Every object that the kustomization names.</summary>
    public static IReadOnlyList<JsonObject> Objects(string folder) =>
        [.. Kustomization(folder)["resources"]!.AsArray().SelectMany(file => YamlReader.Read(File.ReadAllText(Path.Combine(folder, "kubernetes", file!.GetValue<string>()))))];

    public static JsonObject Kustomization(string folder) => Assert.Single(YamlReader.Read(File.ReadAllText(Path.Combine(folder, "kubernetes", "kustomization.yaml"))));

    private static Task<string> PublishAsync(string config, params string[] arguments) =>
        ChildProcess.RunAsync(Repository.Service("Zilla.AppHost"), [.. arguments, "--config", config], environment: Clean);

    /// <summary>As a user does, in a folder of his own, with paths that are relative to it.</summary>
    private Task<string> DotnetRunAsync(params string[] arguments)
    {
        var configuration = new FileInfo(Repository.Service("Zilla.AppHost")).Directory!.Parent!.Name;
        return ChildProcess.RunAsync("dotnet", ["run", "--no-build", "--project", Path.Combine(Repository.Root, "Zilla.AppHost"), "-c", configuration, "--", .. arguments], environment: Clean, folder: _folder);
    }
}

/// <summary>Published once for all tests that look at the files.</summary>
[CollectionDefinition(Name)]
public sealed class PublishedCollection : ICollectionFixture<PublishedFixture>
{
    public const string Name = "published";
}
