using Confluent.Kafka.Admin;
using Zilla.Edge.Tests.Guards;
using Zilla.KafkaCache.Tests;
using Zilla.Suite.Tests.Faults;
using Zilla.Suite.Tests.Telemetry;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Grpc.Mixed;

/// <summary>
/// Ports that HTTP and gRPC share, as processes: Control, a cache replica, the HTTP edge, the gRPC edge that it hands calls over to, and where they say their spans. zilla.tests.Calls/Talk is answered with what it is sent,
/// zilla.tests.Calls/Ask never, zilla.tests.Feed/Follow with the entries, which are posted to /entries.
/// </summary>
public sealed class MixedSuite : IAsyncLifetime
{
    private readonly ServiceProcesses _services = new();
    private readonly TestIssuer _issuer = new();
    private readonly string _talks = KafkaBroker.Topic("talks"), _questions = KafkaBroker.Topic("questions"), _answers = KafkaBroker.Topic("answers"), _entries = KafkaBroker.Topic("entries");
    private KafkaBroker? _broker;

    /// <summary>For everyone.</summary>
    internal int Port { get; } = FreePort.Next();

    /// <summary>For those whose token has the role "call".</summary>
    internal int Guarded { get; } = FreePort.Next();

    /// <summary>One request an hour.</summary>
    internal int Limited { get; } = FreePort.Next();

    internal SpanCollector Spans { get; private set; } = null!;

    internal ServiceProcess Http { get; private set; } = null!;

    internal ServiceProcess Grpc { get; private set; } = null!;

    /// <inheritdoc cref="ServiceProcesses.Output"/>
    internal string Output => _services.Output;

    /// <summary>A good token for an hour.</summary>
    internal string Token(string roles) => _issuer.Token(DateTimeOffset.UtcNow.AddMinutes(-1), $$"""{"scope":"{{roles}}"}""");

    public async Task InitializeAsync()
    {
        _broker = await KafkaBroker.StartDevKafkaAsync();
        Spans = await SpanCollector.StartAsync();
        await _broker.CreateTopicsAsync(((string[])[_talks, _questions, _answers, _entries]).Select(name => new TopicSpecification { Name = name, NumPartitions = 1, ReplicationFactor = 1 }));
        Start();
        await _services.WaitUntilReadyAsync();
    }

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        if (Spans is not null)
        {
            await Spans.DisposeAsync();
        }

        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }
    }

    private void Start()
    {
        var (plans, lane, calls) = (FreePort.Next(), FreePort.Next(), FreePort.Next());
        var environment = ServiceProcesses.Environment(plans, [lane], new Dictionary<string, string?>(Spans.Environment) { ["services__edge-grpc__grpc__0"] = $"http://127.0.0.1:{calls}" });
        _services.Start("Zilla.Control", "control", plans, new Dictionary<string, string?> { ["Zilla__Config"] = Configuration() });
        _services.Start("Zilla.KafkaCache", "kafka-cache", lane, environment);
        Http = _services.Start("Zilla.EdgeHttp", "edge-http", 0, environment);
        Grpc = _services.Start("Zilla.EdgeGrpc", "edge-grpc", calls, new Dictionary<string, string?>(environment) { ["Kestrel__Endpoints__Grpc__Protocols"] = "Http2" });
    }

    private string Configuration()
    {
        _services.Copy("clients", "calls.proto");
        return _services.Write("zilla.yaml", $$$"""
            name: mixed
            guards:
              auth: {type: jwt, options: {issuer: "{{{TestIssuer.Issuer}}}", audience: "{{{TestIssuer.Audience}}}", keys: [{{{_issuer.RsaKey().ToJsonString()}}}]}}
            catalogs:
              protos: {type: filesystem, options: {subjects: {calls: {path: calls.proto} } } }
            bindings:
              tcp0: {type: tcp, kind: server, options: {host: 127.0.0.1, port: {{{Port}}} }, exit: open0}
              open0:
                type: http
                kind: server
                routes: [{when: [{headers: {":path": /zilla.tests.*} }], exit: grpc0}]
                exit: rest0
              tcp1: {type: tcp, kind: server, options: {host: 127.0.0.1, port: {{{Guarded}}} }, exit: guarded0}
              guarded0:
                type: http
                kind: server
                options: {authorization: {auth: {credentials: {headers: {authorization: "Bearer {credentials}"} } } } }
                routes: [{guarded: {auth: [call]}, when: [{headers: {":path": /zilla.tests.*} }], exit: grpc0}]
                exit: rest0
              tcp2: {type: tcp, kind: server, options: {host: 127.0.0.1, port: {{{Limited}}} }, exit: limited0}
              limited0:
                type: http
                kind: server
                options: {limits: {rate: {requests: 1, per: 1h} } }
                routes: [{when: [{headers: {":path": /zilla.tests.*} }], exit: grpc0}]
                exit: rest0
              rest0:
                type: http-kafka
                kind: proxy
                routes: [{when: [{method: POST, path: /entries}], exit: client0, with: {capability: produce, topic: {{{_entries}}} } }]
              grpc0: {type: grpc, kind: server, catalog: {protos: [{subject: calls}]}, exit: map0}
              map0:
                type: grpc-kafka
                kind: proxy
                routes:
                  - when: [{method: zilla.tests.Calls/Talk}]
                    exit: client0
                    with: {capability: produce, topic: {{{_talks}}}, reply-to: {{{_talks}}} }
                  - when: [{method: zilla.tests.Calls/Ask}]
                    exit: client0
                    with: {capability: produce, topic: {{{_questions}}}, reply-to: {{{_answers}}} }
                  - when: [{method: zilla.tests.Feed/*}]
                    exit: client0
                    with: {capability: fetch, topic: {{{_entries}}} }
              client0: {type: kafka, kind: cache_client, exit: server0}
              server0: {type: kafka, kind: cache_server, options: {bootstrap: [{{{_talks}}}, {{{_answers}}}, {{{_entries}}}]}, exit: kafka0}
              kafka0: {type: kafka, kind: client, options: {servers: ['{{{_broker!.BootstrapServers}}}']}, exit: tcp9}
              tcp9: {type: tcp, kind: client}
            """);
    }
}
