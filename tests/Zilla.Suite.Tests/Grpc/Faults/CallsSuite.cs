using Confluent.Kafka.Admin;
using Grpc.Core;
using Grpc.Net.Client;
using Zilla.KafkaCache.Tests;
using Zilla.Suite.Tests.Faults;
using Zilla.Testing;
using Metadata = Grpc.Core.Metadata;

namespace Zilla.Suite.Tests.Grpc.Faults;

/// <summary>Calls of clients as records, and these as calls of a service: a broker, two cache replicas, two gRPC edges that share a port, and the service in this process. Each part can be ended and started again.</summary>
public sealed class CallsSuite : IAsyncLifetime
{
    private const int Replicas = 2;

    private readonly ServiceProcesses _services = new();

    internal KafkaBroker Broker { get; private set; } = null!;
    internal TalkService Service { get; private set; } = null!;
    internal IReadOnlyList<ServiceProcess> Caches { get; private set; } = [];
    internal IReadOnlyList<ServiceProcess> Edges { get; private set; } = [];

    public int Port { get; } = FreePort.Next();
    public int ServicePort { get; } = FreePort.Next();

    /// <summary>Of the service of <see cref="KeyedLoad"/>.</summary>
    public int KeyedPort { get; } = FreePort.Next();

    public string Requests { get; } = KafkaBroker.Topic("requests");
    public string Replies { get; } = KafkaBroker.Topic("replies");
    public string DeadLetters { get; } = KafkaBroker.Topic("dead");

    /// <inheritdoc cref="ServiceProcesses.Output"/>
    internal string Output => _services.Output;

    public async Task InitializeAsync()
    {
        Broker = await KafkaBroker.StartDevKafkaAsync();
        await Broker.CreateTopicsAsync(new[] { Requests, Replies, DeadLetters }.Select(topic => new TopicSpecification { Name = topic, NumPartitions = 4, ReplicationFactor = 1 }));
        Service = new TalkService(ServicePort);
        await Service.StartAsync();
        Start();
        await _services.WaitUntilReadyAsync();
    }

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        if (Service is not null)
        {
            await Service.DisposeAsync();
        }

        if (Broker is not null)
        {
            await Broker.DisposeAsync();
        }
    }

    /// <summary>As a client does that wants its answer whatever happens on the way: the same idempotency key, until there is a status that is the service's.</summary>
    internal async Task<T> InsistAsync<T>(string key, Func<Talk.TalkClient, Metadata, Task<T>> call)
    {
        while (true)
        {
            using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{Port}");
            try
            {
                return await call(new Talk.TalkClient(channel), new Metadata { { "idempotency-key", key } });
            }
            catch (RpcException away) when (away.StatusCode == StatusCode.Unavailable)
            {
                await Task.Yield();
            }
        }
    }

    private void Start()
    {
        var plans = FreePort.Next();
        var lanes = FreePort.Several(Replicas);
        var environment = ServiceProcesses.Environment(plans, lanes);
        _services.Start("Zilla.Control", "control-0", plans, new Dictionary<string, string?> { ["Zilla__Config"] = Configuration() });
        Caches = [.. lanes.Select((lane, index) => _services.Start("Zilla.KafkaCache", $"kafka-cache-{index}", lane, environment))];
        Edges = [.. lanes.Select((_, index) => _services.Start("Zilla.EdgeGrpc", $"edge-grpc-{index}", 0, environment))];
    }

    private string Configuration()
    {
        _services.Copy("Zilla.Suite.Tests", "Grpc", "talk.proto");
        _services.Copy("clients", "calls.proto");
        return _services.Write("zilla.yaml", $$$"""
            name: calls
            catalogs:
              protos: {type: filesystem, options: {subjects: {talk: {path: talk.proto}, calls: {path: calls.proto} } } }
            bindings:
              north_tcp_server: {type: tcp, kind: server, options: {host: 127.0.0.1, port: {{{Port}}} }, exit: north_http_server}
              north_http_server: {type: http, kind: server, exit: north_grpc_server}
              north_grpc_server: {type: grpc, kind: server, catalog: {protos: [{subject: talk}, {subject: calls}]}, exit: north_grpc_kafka_mapping}
              north_grpc_kafka_mapping:
                type: grpc-kafka
                kind: proxy
                routes:
                  - with: {capability: produce, topic: {{{Requests}}}, reply-to: {{{Replies}}} }
                    exit: cache_client
              west_kafka_grpc:
                type: kafka-grpc
                kind: remote_server
                entry: cache_client
                options: {dead-letter: {{{DeadLetters}}} }
                routes:
                  - when: [{topic: {{{Requests}}}, reply-to: {{{Replies}}}, method: zilla.tests.Talk/*}]
                    with: {scheme: http, authority: "localhost:{{{ServicePort}}}"}
                    exit: west_grpc_client
                  - when: [{topic: {{{Requests}}}, reply-to: {{{Replies}}}, method: zilla.tests.Effects/*}]
                    with: {scheme: http, authority: "localhost:{{{KeyedPort}}}"}
                    exit: keyed_grpc_client
              west_grpc_client: {type: grpc, kind: client, exit: west_http_client}
              west_http_client: {type: http, kind: client, options: {versions: [h2]}, exit: west_tcp_client}
              west_tcp_client: {type: tcp, kind: client, options: {host: 127.0.0.1, port: {{{ServicePort}}} } }
              keyed_grpc_client: {type: grpc, kind: client, exit: keyed_http_client}
              keyed_http_client: {type: http, kind: client, options: {versions: [h2]}, exit: keyed_tcp_client}
              keyed_tcp_client: {type: tcp, kind: client, options: {host: 127.0.0.1, port: {{{KeyedPort}}} } }
              cache_client: {type: kafka, kind: cache_client, exit: cache_server}
              cache_server: {type: kafka, kind: cache_server, options: {bootstrap: [{{{Requests}}}, {{{Replies}}}]}, exit: kafka_client}
              kafka_client: {type: kafka, kind: client, options: {servers: ["{{{Broker.BootstrapServers}}}"]}, exit: kafka_tcp_client}
              kafka_tcp_client: {type: tcp, kind: client}

            """);
    }
}
