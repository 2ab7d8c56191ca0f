using Confluent.Kafka.Admin;
using Zilla.KafkaCache.Tests;
using Zilla.Suite.Tests.Faults;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Grpc;

/// <summary>gRPC in front of Kafka as processes that a test ends and starts one by one: a broker, Control, two cache replicas, two edges that share a port.</summary>
public sealed class GrpcSuite : IAsyncLifetime
{
    private const int Replicas = 2;
    private const string Password = "pass-word";

    /// <summary>Metadata. With "echo" zilla.tests.Calls/Talk is answered with what it is sent, and no service is needed.</summary>
    internal const string Way = "way";

    private readonly ServiceProcesses _services = new();

    internal KafkaBroker Broker { get; private set; } = null!;

    /// <summary>The clients' port.</summary>
    internal int Port { get; } = FreePort.Next();

    internal string Address => $"127.0.0.1:{Port}";

    /// <summary>TLS: zilla.tests.Calls/Talk, answered with what it is sent, is for those whose certificate has a name in callers.example.</summary>
    internal int Mutual { get; } = FreePort.Next();

    /// <summary>Of the certificates that are believed there.</summary>
    internal TestAuthority Clients { get; } = new("clients");

    /// <summary>Has issued the certificate that is shown there, for <c>localhost</c>.</summary>
    internal TestAuthority Server { get; } = new("server");

    /// <summary>Of the calls to <see cref="Mutual"/>; their key is whom the certificate names.</summary>
    internal string Talks { get; } = KafkaBroker.Topic("talks");

    /// <summary>Of zilla.tests.Calls: takes records of 5 MB.</summary>
    internal string Requests { get; } = KafkaBroker.Topic("requests");

    /// <summary>Of zilla.tests.Effects.</summary>
    internal string EffectRequests { get; } = KafkaBroker.Topic("effect-requests");

    /// <summary>What came of these, in one partition.</summary>
    internal string Effects { get; } = KafkaBroker.Topic("effects");

    /// <summary>What zilla.tests.Feed follows.</summary>
    internal string Entries { get; } = KafkaBroker.Topic("entries");

    /// <summary>What zilla.tests.Calls/List gives with <see cref="Way"/> "heap": nothing, until a test writes there.</summary>
    internal string Heap { get; } = KafkaBroker.Topic("heap");

    internal ServiceProcess Control { get; private set; } = null!;
    internal IReadOnlyList<ServiceProcess> Caches { get; private set; } = [];
    internal IReadOnlyList<ServiceProcess> Edges { get; private set; } = [];

    private string Echoes { get; } = KafkaBroker.Topic("echoes");
    private string Replies { get; } = KafkaBroker.Topic("replies");
    private string EffectReplies { get; } = KafkaBroker.Topic("effect-replies");

    /// <inheritdoc cref="ServiceProcesses.Folder"/>
    internal string Folder => _services.Folder;

    /// <inheritdoc cref="ServiceProcesses.Output"/>
    internal string Output => _services.Output;

    public async Task InitializeAsync()
    {
        Broker = await KafkaBroker.StartDevKafkaAsync();
        await Broker.CreateTopicsAsync([Topic(Requests, "5000000"), Topic(Replies, "5000000"), Topic(EffectRequests), Topic(EffectReplies), Topic(Entries), Topic(Talks), Topic(Echoes), Topic(Heap), new() { Name = Effects, NumPartitions = 1, ReplicationFactor = 1 }]);
        Start();
        await _services.WaitUntilReadyAsync();
    }

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        if (Broker is not null)
        {
            await Broker.DisposeAsync();
        }
    }

    /// <summary>Waits until no edge has a call under way any more.</summary>
    internal Task EndedAsync() => Eventually.HoldsAsync(async () => (await Edges.CountAsync("http_active_requests")).Sum() == 0);

    private static TopicSpecification Topic(string name, string largest = "1048588") =>
        new() { Name = name, NumPartitions = 3, ReplicationFactor = 1, Configs = new() { ["max.message.bytes"] = largest } };

    private void Start()
    {
        var plans = FreePort.Next();
        var lanes = FreePort.Several(Replicas);
        var environment = ServiceProcesses.Environment(plans, lanes);
        Control = _services.Start("Zilla.Control", "control-0", plans, new Dictionary<string, string?> { ["Zilla__Config"] = Configuration() });
        Caches = [.. lanes.Select((lane, index) => _services.Start("Zilla.KafkaCache", $"kafka-cache-{index}", lane, environment))];
        Edges = [.. lanes.Select((_, index) => _services.Start("Zilla.EdgeGrpc", $"edge-grpc-{index}", 0, environment))];
    }

    private string Configuration()
    {
        _services.Copy("clients", "calls.proto");
        TestAuthority.Store(Path.Combine(Folder, "keys.p12"), Password, ("one", Server.Issue("localhost")));
        TestAuthority.Store(Path.Combine(Folder, "trust.p12"), Password, ("ca", Clients.Certificate));
        return _services.Write("zilla.yaml", $$$"""
            name: grpc
            catalogs:
              protos: {type: filesystem, options: {subjects: {calls: {path: calls.proto} } } }
            vaults:
              stores:
                type: filesystem
                options: {keys: {store: keys.p12, type: pkcs12, password: {{{Password}}}}, trust: {store: trust.p12, type: pkcs12, password: {{{Password}}}} }
            guards:
              peers: {type: x509, options: {identity: subject.cn, roles: {call: [{san.dns: "*.callers.example"}]} } }
            bindings:
              tcp1: {type: tcp, kind: server, options: {host: 127.0.0.1, port: {{{Mutual}}} }, exit: tls0}
              tls0: {type: tls, kind: server, vault: stores, options: {keys: [one], trust: [ca], mutual: requested, authorization: {peers: {credentials: {certificates: pem} } } }, exit: http1}
              http1: {type: http, kind: server, exit: grpc1}
              grpc1: {type: grpc, kind: server, catalog: {protos: [{subject: calls}]}, routes: [{guarded: {peers: [call]}, exit: map1}]}
              map1: {type: grpc-kafka, kind: proxy, routes: [{exit: client0, with: {capability: produce, topic: {{{Talks}}}, key: "${guarded['peers'].identity}", reply-to: {{{Talks}}} } }]}
              tcp0: {type: tcp, kind: server, options: {host: 127.0.0.1, port: {{{Port}}} }, exit: http0}
              http0: {type: http, kind: server, options: {access-control: {policy: cross-origin} }, exit: grpc0}
              grpc0: {type: grpc, kind: server, catalog: {protos: [{subject: calls}]}, exit: map0}
              map0:
                type: grpc-kafka
                kind: proxy
                routes:
                  - when: [{method: zilla.tests.Calls/Talk, metadata: { {{{Way}}}: echo} }]
                    exit: client0
                    with: {capability: produce, topic: {{{Echoes}}}, reply-to: {{{Echoes}}} }
                  - when: [{method: zilla.tests.Calls/List, metadata: { {{{Way}}}: heap} }]
                    exit: client0
                    with: {capability: fetch, topic: {{{Heap}}} }
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
              server0: {type: kafka, kind: cache_server, options: {bootstrap: [{{{Replies}}}, {{{EffectReplies}}}, {{{Entries}}}, {{{Talks}}}, {{{Echoes}}}, {{{Heap}}}]}, exit: kafka0}
              kafka0: {type: kafka, kind: client, options: {servers: ['{{{Broker.BootstrapServers}}}']}, exit: tcp9}
              tcp9: {type: tcp, kind: client}
            """);
    }
}

[CollectionDefinition(Name)]
public sealed class GrpcCollection : ICollectionFixture<GrpcSuite>
{
    public const string Name = "grpc";
}
