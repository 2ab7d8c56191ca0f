using System.Security.Cryptography.X509Certificates;
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
    /// <summary>What messages that have begun may take of one client, and as much besides.</summary>
    internal const int MaxBegunBytes = 512 << 10;

    private const string Password = "pass-word";

    private readonly ServiceProcesses _services = new();
    private readonly TestIssuer _issuer = new();
    private readonly TestAuthority _server = new("server");
    private readonly string _talks = KafkaBroker.Topic("talks"), _questions = KafkaBroker.Topic("questions"), _answers = KafkaBroker.Topic("answers"), _entries = KafkaBroker.Topic("entries");
    private KafkaBroker? _broker;

    /// <summary>For everyone.</summary>
    internal int Port { get; } = FreePort.Next();

    /// <summary>For those whose token has the role "call".</summary>
    internal int Guarded { get; } = FreePort.Next();

    /// <summary>One request an hour.</summary>
    internal int Limited { get; } = FreePort.Next();

    /// <summary>TLS. zilla.tests.Calls/Talk, and zilla.tests.Effects/Add whose messages go to <see cref="Effects"/>, are for those whose certificate has a name in callers.example.</summary>
    internal int Mutual { get; } = FreePort.Next();

    /// <summary>Of the certificates that are believed there.</summary>
    internal TestAuthority Clients { get; } = new("clients");

    /// <summary>Of the certificate that is shown there.</summary>
    internal X509Certificate2 Server => _server.Certificate;

    /// <summary>The topic of zilla.tests.Effects/Add; its header "sender" is whom a certificate names.</summary>
    internal string Effects { get; } = KafkaBroker.Topic("effects");

    internal KafkaBroker Broker => _broker!;

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
        await _broker.CreateTopicsAsync(((string[])[_talks, _questions, _answers, _entries, Effects]).Select(name => new TopicSpecification { Name = name, NumPartitions = 1, ReplicationFactor = 1 }));
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
        Grpc = _services.Start("Zilla.EdgeGrpc", "edge-grpc", calls, new Dictionary<string, string?>(environment)
        {
            ["Kestrel__Endpoints__Grpc__Protocols"] = "Http2",
            ["Zilla__Edge__Grpc__MaxBegunBytes"] = $"{2 * MaxBegunBytes}",
            ["Zilla__Edge__Grpc__MaxConnectionBegunBytes"] = $"{MaxBegunBytes}",
            ["Zilla__Edge__Grpc__MaxBegunPause"] = "01:00:00",
        });
    }

    private string Configuration()
    {
        _services.Copy("clients", "calls.proto");
        TestAuthority.Store(Path.Combine(_services.Folder, "keys.p12"), Password, ("one", _server.Issue("localhost", "127.0.0.1")));
        TestAuthority.Store(Path.Combine(_services.Folder, "trust.p12"), Password, ("ca", Clients.Certificate));
        return _services.Write("zilla.yaml", $$$"""
            name: mixed
            vaults:
              stores:
                type: filesystem
                options: {keys: {store: keys.p12, type: pkcs12, password: {{{Password}}}}, trust: {store: trust.p12, type: pkcs12, password: {{{Password}}}} }
            guards:
              peers: {type: x509, options: {identity: subject.cn, roles: {call: [{san.dns: "*.callers.example"}]} } }
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
              tcp3: {type: tcp, kind: server, options: {host: 127.0.0.1, port: {{{Mutual}}} }, exit: tls0}
              tls0: {type: tls, kind: server, vault: stores, options: {keys: [one], trust: [ca], mutual: requested, authorization: {peers: {credentials: {certificates: pem} } } }, exit: mutual0}
              mutual0:
                type: http
                kind: server
                routes:
                  - {guarded: {peers: [call]}, when: [{headers: {":path": /zilla.tests.Calls/*} }], exit: grpc0}
                  - {when: [{headers: {":path": /zilla.tests.Effects/*} }], exit: grpc0}
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
                  - when: [{method: zilla.tests.Effects/Add}]
                    guarded: {peers: [call]}
                    exit: client0
                    with: {capability: produce, topic: {{{Effects}}}, overrides: {sender: "${guarded['peers'].identity}"} }
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
