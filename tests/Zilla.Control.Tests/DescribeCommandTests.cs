using System.Text.Json;
using Zilla.Control.Commands;
using Zilla.Testing;

namespace Zilla.Control.Tests;

public sealed class DescribeCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("zilla-describe-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Run_Quickstart_SaysPortsVariablesAndFiles()
    {
        var needs = await DescribeAsync(Path.Combine(Repository.Root, "examples", "quickstart", "zilla.yaml"));

        Assert.Equal("quickstart", needs.Namespace);
        var listener = Assert.Single(needs.Listeners);
        Assert.Equal(("edge-http", "north_tcp_server", true), (listener.Service, listener.Binding, listener.Http));
        Assert.Equal([7114], listener.Ports);
        Assert.Equal(["KAFKA_BOOTSTRAP_SERVER"], needs.Environment);
        Assert.Equal([new("edge-http", Path.Combine(Repository.Root, "examples", "quickstart", "www"), Secret: false)], needs.Files);
    }

    [Fact]
    public async Task Run_VariablesOfEveryKind_SomethingStandsForThem()
    {
        var needs = await DescribeAsync(Write("""
            name: test
            vaults:
              stores:
                type: filesystem
                options:
                  keys: {store: tls/keys.p12, type: pkcs12, password: "${{env.KEYS_PASSWORD}}"}
            bindings:
              tcp: {type: tcp, kind: server, options: {host: 0.0.0.0, port: "${{env.PORT}}"}, exit: tls}
              tls: {type: tls, kind: server, vault: stores, options: {keys: [localhost]}, exit: http}
              http: {type: http, kind: server, exit: map}
              map: {type: sse, kind: server, exit: events}
              events: {type: sse-kafka, kind: proxy, routes: [{when: [{path: /}], exit: cache, with: {topic: "${{env.TOPIC}}"}}]}
              cache: {type: kafka, kind: cache_client, exit: server}
              server: {type: kafka, kind: cache_server, exit: kafka}
              kafka: {type: kafka, kind: client, options: {servers: ["${{env.BROKERS}}"]}, exit: out}
              out: {type: tcp, kind: client}
            """));

        Assert.False(Assert.Single(needs.Listeners).Http);
        Assert.Equal(["BROKERS", "KEYS_PASSWORD", "PORT", "TOPIC"], needs.Environment.Order(StringComparer.Ordinal));
        Assert.Equal([new("edge-http", Path.Combine(_folder, "tls", "keys.p12"), Secret: true)], needs.Files);
    }

    [Fact]
    public async Task Run_CallsInTopics_AreAServicesWork_WithoutAListener()
    {
        var needs = await DescribeAsync(Write("""
            name: test
            bindings:
              tcp: {type: tcp, kind: server, options: {host: 0.0.0.0, port: 7114}, exit: echo}
              echo: {type: echo, kind: server}
              calls: {type: kafka-grpc, kind: remote_server, entry: cache, routes: [{when: [{topic: calls, reply-to: answers}], exit: grpc}]}
              grpc: {type: grpc, kind: client, exit: http}
              http: {type: http, kind: client, options: {versions: [h2]}, exit: service}
              service: {type: tcp, kind: client, options: {host: localhost, port: 50051}}
              cache: {type: kafka, kind: cache_client, exit: server}
              server: {type: kafka, kind: cache_server, exit: kafka}
              kafka: {type: kafka, kind: client, options: {servers: ["localhost:9092"]}, exit: out}
              out: {type: tcp, kind: client}
            """));

        Assert.Equal(["edge-http"], needs.Listeners.Select(listener => listener.Service));
        Assert.Equal(["edge-grpc"], needs.Workers);
        Assert.Empty(needs.Handovers);
    }

    [Fact]
    public async Task Run_Mistakes_LinesAndExitCode1()
    {
        var file = Write("name: test\nbindngs: {}\n");

        Assert.Equal((1, "", $"{file}:2:1: unknown key 'bindngs'; did you mean 'bindings'?\n"), await RunAsync(file));
        Assert.Equal(1, (await RunAsync(Path.Combine(_folder, "none.yaml"))).Code);
        Assert.Equal(2, (await RunAsync()).Code);
        Assert.Equal(2, (await RunAsync("--json", file)).Code);
    }

    private static async Task<ConfigurationNeeds> DescribeAsync(string file)
    {
        var (code, output, problems) = await RunAsync(file);
        Assert.Equal((0, ""), (code, problems));
        return JsonSerializer.Deserialize(output, NeedsJson.Default.ConfigurationNeeds)!;
    }

    private static async Task<(int Code, string Output, string Problems)> RunAsync(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var problems = new StringWriter { NewLine = "\n" };
        return (await DescribeCommand.RunAsync(args, _ => null, output, problems), output.ToString(), problems.ToString());
    }

    private string Write(string text)
    {
        var file = Path.Combine(_folder, "zilla.yaml");
        File.WriteAllText(file, text);
        return file;
    }
}
