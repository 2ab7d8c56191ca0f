using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Zilla.Suite.Tests.Faults;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Grpc;

/// <summary>gRPC in front of Kafka as processes that a test ends and starts one by one: a broker, Control, two cache replicas, two edges that share a port.</summary>
public sealed class GrpcSuite : IAsyncLifetime
{
    private const int Replicas = 2;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("zilla-grpc-");
    private readonly List<ServiceProcess> _services = [];

    internal KafkaBroker Broker { get; private set; } = null!;

    /// <summary>The clients' port.</summary>
    internal int Port { get; } = FreePort.Next();

    internal string Address => $"127.0.0.1:{Port}";

    /// <summary>Of zilla.tests.Calls: takes records of 5 MB.</summary>
    internal string Requests { get; } = KafkaBroker.Topic("requests");

    /// <summary>Of zilla.tests.Effects.</summary>
    internal string EffectRequests { get; } = KafkaBroker.Topic("effect-requests");

    /// <summary>What came of these, in one partition.</summary>
    internal string Effects { get; } = KafkaBroker.Topic("effects");

    /// <summary>What zilla.tests.Feed follows.</summary>
    internal string Entries { get; } = KafkaBroker.Topic("entries");

    internal ServiceProcess Control { get; private set; } = null!;
    internal IReadOnlyList<ServiceProcess> Caches { get; private set; } = [];
    internal IReadOnlyList<ServiceProcess> Edges { get; private set; } = [];

    private string Replies { get; } = KafkaBroker.Topic("replies");
    private string EffectReplies { get; } = KafkaBroker.Topic("effect-replies");

    /// <summary>The end of what each process said, for the message of a test that fails.</summary>
    internal string Output => string.Join('\n', _services.Select(service => $"--- {service.Name}\n{string.Join('\n', service.Output.Split('\n').TakeLast(25))}"));

    public async Task InitializeAsync()
    {
        Broker = await KafkaBroker.StartDevKafkaAsync();
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Broker.BootstrapServers }).Build();
        await admin.CreateTopicsAsync([Topic(Requests, "5000000"), Topic(Replies, "5000000"), Topic(EffectRequests), Topic(EffectReplies), Topic(Entries), new() { Name = Effects, NumPartitions = 1, ReplicationFactor = 1 }]);
        Start();
        await Task.WhenAll(_services.Select(service => service.WaitUntilReadyAsync()));
    }

    public async Task DisposeAsync()
    {
        foreach (var service in _services)
        {
            await service.DisposeAsync();
        }

        if (Broker is not null)
        {
            await Broker.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    /// <summary>Waits until no edge has a call under way any more.</summary>
    internal Task EndedAsync() => Eventually.HoldsAsync(async () => (await Edges.CountAsync("http_active_requests")).Sum() == 0);

    private static TopicSpecification Topic(string name, string largest = "1048588") =>
        new() { Name = name, NumPartitions = 3, ReplicationFactor = 1, Configs = new() { ["max.message.bytes"] = largest } };

    private void Start()
    {
        var plans = FreePort.Next();
        int[] lanes = [.. Enumerable.Range(0, Replicas).Select(_ => FreePort.Next())];
        var environment = new Dictionary<string, string?> { ["services__control__grpc__0"] = $"http://127.0.0.1:{plans}" };
        foreach (var (index, lane) in lanes.Index())
        {
            environment[$"services__kafka-cache__grpc__{index}"] = $"http://127.0.0.1:{lane}";
        }

        Control = Add("Zilla.Control", "control-0", plans, new() { ["Zilla__Config"] = Configuration() });
        Caches = [.. lanes.Select((lane, index) => Add("Zilla.KafkaCache", $"kafka-cache-{index}", lane, environment))];
        Edges = [.. lanes.Select((_, index) => Add("Zilla.EdgeGrpc", $"edge-grpc-{index}", 0, environment))];

        ServiceProcess Add(string project, string instance, int grpc, Dictionary<string, string?> settings)
        {
            var service = ServiceProcess.Start(project, instance, _folder.FullName, grpc, settings);
            _services.Add(service);
            return service;
        }
    }

    private string Configuration()
    {
        File.Copy(Path.Combine(Repository.Root, "tests", "clients", "calls.proto"), Path.Combine(_folder.FullName, "calls.proto"));
        var path = Path.Combine(_folder.FullName, "zilla.yaml");
        File.WriteAllText(path, $$$"""
            name: grpc
            catalogs:
              protos: {type: filesystem, options: {subjects: {calls: {path: calls.proto} } } }
            bindings:
              tcp0: {type: tcp, kind: server, options: {host: 127.0.0.1, port: {{{Port}}} }, exit: http0}
              http0: {type: http, kind: server, options: {access-control: {policy: cross-origin} }, exit: grpc0}
              grpc0: {type: grpc, kind: server, catalog: {protos: [{subject: calls}]}, exit: map0}
              map0:
                type: grpc-kafka
                kind: proxy
                routes:
                  - when: [{method: zilla.tests.Calls/*}]
                    exit: client0
                    with: {capability: produce, topic: {{{Requests}}}, reply-to: {{{Replies}}} }
                  - when: [{method: zilla.tests.Effects/*}]
                    exit: client0
                    with: {capability: produce, topic: {{{EffectRequests}}}, reply-to: {{{EffectReplies}}} }
                  - when: [{method: zilla.tests.Feed/*}]
                    exit: client0
                    with: {capability: fetch, topic: {{{Entries}}} }
              client0: {type: kafka, kind: cache_client, exit: server0}
              server0: {type: kafka, kind: cache_server, options: {bootstrap: [{{{Replies}}}, {{{EffectReplies}}}, {{{Entries}}}]}, exit: kafka0}
              kafka0: {type: kafka, kind: client, options: {servers: ['{{{Broker.BootstrapServers}}}']}, exit: tcp9}
              tcp9: {type: tcp, kind: client}
            """);
        return path;
    }
}

[CollectionDefinition(Name)]
public sealed class GrpcCollection : ICollectionFixture<GrpcSuite>
{
    public const string Name = "grpc";
}
