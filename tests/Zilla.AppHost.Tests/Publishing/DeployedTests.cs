using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Zilla.Testing;

namespace Zilla.AppHost.Tests.Publishing;

/// <summary>
/// Runs the services with exactly the environment that the published files give them; only names, ports and folders of containers are put in
/// terms of this machine.
/// </summary>
[Collection("processes")]
public sealed class DeployedTests : IAsyncLifetime
{
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(90);

    private const string ChannelKey = "a-key-for-this-test-alone";

    private readonly string _folder = Directory.CreateTempSubdirectory("zilla-deployed-").FullName;
    private readonly List<ChildProcess> _processes = [];
    private readonly int _listener = FreePort.Next();
    private KafkaBroker? _broker;
    private string _topic = "";

    public async Task InitializeAsync()
    {
        _topic = KafkaBroker.Topic("deployed");
        var topics = Path.Combine(_folder, "topics.txt");
        await File.WriteAllTextAsync(topics, $"{_topic} partitions=1 cleanup.policy=compact\n");
        _broker = await KafkaBroker.StartDevKafkaAsync("--topics", topics);
    }

    public async Task DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        await _broker!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Compose_Environment_StartsASuiteThatServes()
    {
        var published = await PublishAsync();
        var services = PublishedFixture.Compose(published)["services"]!.AsObject();
        var given = new Dictionary<string, string> { ["ZILLA_CHANNEL_KEY"] = ChannelKey, ["KAFKA_BOOTSTRAP_SERVER"] = _broker!.BootstrapServers };

        await ServesAsync(published, name => Variables(services[name]!["environment"]!.AsObject().Select(v => (v.Key, Expand.InCompose(v.Value!.GetValue<string>(), given)))));
    }

    [Fact]
    public async Task Kubernetes_Environment_StartsASuiteThatServes()
    {
        var published = await PublishAsync();
        var objects = PublishedFixture.Objects(published);
        var settings = objects.Single(o => o["metadata"]!["name"]!.GetValue<string>() == "zilla-settings")["data"]!.AsObject().ToDictionary(v => v.Key, v => v.Value!.GetValue<string>());
        settings["KAFKA_BOOTSTRAP_SERVER"] = _broker!.BootstrapServers;

        await ServesAsync(published, name => Environment(objects.Single(o => o["spec"]?["template"] is not null && o["metadata"]!["name"]!.GetValue<string>() == name), settings));
    }

    private async Task ServesAsync(string published, Func<string, Dictionary<string, string>> environment)
    {
        var ports = new Dictionary<string, int> { ["control:8080"] = FreePort.Next(), ["control:8081"] = FreePort.Next(), ["kafka-cache:8080"] = FreePort.Next(), ["kafka-cache:8081"] = FreePort.Next(), ["edge-http:8080"] = FreePort.Next() };
        foreach (var name in new[] { "control", "kafka-cache", "edge-http" })
        {
            var variables = environment(name).ToDictionary(v => v.Key, v => (string?)ToThisMachine(v.Value, name, published, ports));
            variables["Zilla__Edge__LockFolder"] = _folder;
            _processes.Add(ChildProcess.Start(Repository.Service(Program(name)), [], variables, _folder));
        }

        using var http = new HttpClient();
        foreach (var name in new[] { "control", "kafka-cache", "edge-http" })
        {
            await Eventually.HoldsAsync(() => AnswersAsync(http, $"http://127.0.0.1:{ports[$"{name}:8080"]}/readyz"), Start, $"{name} is ready:\n{string.Join("\n--\n", _processes.Select(p => p.Output))}");
        }

        using var put = await http.PutAsync($"http://127.0.0.1:{_listener}/items/apple", new StringContent("""{"name":"Apple"}""", Encoding.UTF8, "application/json"));
        Assert.True(put.IsSuccessStatusCode, $"{put.StatusCode}");
        Assert.Equal("""{"name":"Apple"}""", await http.GetStringAsync($"http://127.0.0.1:{_listener}/items/apple"));
        Assert.Contains("<html", await http.GetStringAsync($"http://127.0.0.1:{_listener}/"), StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"There is a replica of the cache at http://127.0.0.1:{ports["kafka-cache:8081"]}/, of dns:///localhost", _processes[^1].Output, StringComparison.Ordinal);
    }

    /// <summary>Names of services are this machine; their ports, and its folders, are the test's own.</summary>
    private string ToThisMachine(string value, string service, string published, Dictionary<string, int> ports)
    {
        var own = value.Replace("http://0.0.0.0:", $"http://{service}:", StringComparison.Ordinal).Replace("http://10.0.0.1:", $"http://{service}:", StringComparison.Ordinal);
        foreach (var (name, port) in ports)
        {
            own = own.Replace($"http://{name}", $"http://127.0.0.1:{port}", StringComparison.Ordinal).Replace($"dns:///{name}", $"dns:///localhost:{port}", StringComparison.Ordinal);
        }

        return own.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal)
            .Replace("/home/app/state", Path.Combine(_folder, "state", service), StringComparison.Ordinal)
            .Replace("/etc/zilla", Path.Combine(published, "zilla"), StringComparison.Ordinal);
    }

    private async Task<string> PublishAsync()
    {
        var (source, published) = (Path.Combine(_folder, "source"), Path.Combine(_folder, "published"));
        Directory.CreateDirectory(source);
        var config = QuickstartCopy.Write(source, _listener, _topic);
        await ChildProcess.RunAsync(Repository.Service("Zilla.AppHost"), ["publish", "--output", published, "--config", config], environment: new Dictionary<string, string?> { ["KAFKA_BOOTSTRAP_SERVER"] = null });
        return published;
    }

    private static Dictionary<string, string> Environment(JsonObject workload, Dictionary<string, string> settings)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var variable in workload["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray())
        {
            var name = variable!["name"]!.GetValue<string>();
            if (variable["valueFrom"]?["secretKeyRef"]?["optional"] is not null)
            {
                continue; // not in the Secret
            }

            variables[name] = variable["value"] is { } value ? Expand.InPod(value.GetValue<string>(), variables)
                : variable["valueFrom"]!["configMapKeyRef"] is { } map ? settings[map["key"]!.GetValue<string>()]
                : variable["valueFrom"]!["secretKeyRef"] is not null ? ChannelKey
                : name == "POD_IP" ? "10.0.0.1" : $"{workload["metadata"]!["name"]}-0";
        }

        return variables;
    }

    private static Dictionary<string, string> Variables(IEnumerable<(string Name, string Value)> variables) => variables.ToDictionary(v => v.Name, v => v.Value);

    private static string Program(string service) => service switch { "control" => "Zilla.Control", "kafka-cache" => "Zilla.KafkaCache", _ => "Zilla.EdgeHttp" };

    private static async Task<bool> AnswersAsync(HttpClient http, string address)
    {
        try
        {
            using var response = await http.GetAsync(address);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
