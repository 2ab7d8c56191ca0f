using System.Globalization;
using Confluent.Kafka.Admin;
using Zilla.KafkaCache.Tests;
using Zilla.Suite.Tests.Faults;
using Zilla.Suite.Tests.Telemetry;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Mqtt;

/// <summary>
/// Control, cache and MQTT edge as real processes on a broker, shared by all tests of the folder: a port for TCP, one for WebSockets, one each for these with TLS, one behind a
/// load balancer that says who is there, and one whose sessions topic is not as it should be.
/// </summary>
public sealed class MqttSuite : IAsyncLifetime
{
    private readonly ServiceProcesses _services = new();
    private readonly string _unfit = KafkaBroker.Topic("mqtt-flat");

    public KafkaBroker Kafka { get; private set; } = null!;

    public int Port { get; } = FreePort.Next();

    public int WebSocketPort { get; } = FreePort.Next();

    /// <summary>WebSockets within TLS.</summary>
    public int SecureWebSocketPort { get; } = FreePort.Next();

    /// <summary>Connections begin with a PROXY preamble.</summary>
    public int ProxyPort { get; } = FreePort.Next();

    /// <summary>Sessions would have to be kept in a topic that is not compacted.</summary>
    public int UnfitPort { get; } = FreePort.Next();

    /// <summary>Clients show a certificate of <see cref="Authority"/>; who they are is its common name, and they may publish to <c>of/{name}/…</c> alone.</summary>
    public int TlsPort { get; } = FreePort.Next();

    /// <summary>Of a prometheus exporter.</summary>
    public int MetricsPort { get; } = FreePort.Next();

    /// <summary>Has issued the certificate of <see cref="TlsPort"/>, for <c>localhost</c>.</summary>
    public TestAuthority Authority { get; } = new("mqtt");

    public string Folder => _services.Folder;

    public string Messages { get; } = KafkaBroker.Topic("mqtt-messages");

    /// <summary>What the services export.</summary>
    internal SpanCollector Spans { get; private set; } = null!;

    internal ServiceProcess Edge { get; private set; } = null!;

    internal ServiceProcess Cache { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Kafka = await KafkaBroker.StartAsync();
        Spans = await SpanCollector.StartAsync();
        var (sessions, retained) = (KafkaBroker.Topic("mqtt-sessions"), KafkaBroker.Topic("mqtt-retained"));
        await Kafka.CreateTopicsAsync([Topic(sessions, 4, "compact"), Topic(retained, 2, "compact"), Topic(Messages, 3, "delete"), Topic(_unfit, 1, "delete")]);
        TestAuthority.Store(Path.Combine(Folder, "keys.p12"), "pass-word", ("one", Authority.Issue("localhost")));
        TestAuthority.Store(Path.Combine(Folder, "trust.p12"), "pass-word", ("ca", Authority.Certificate));
        Start(_services.Write("zilla.yaml", Configuration(sessions, retained)));
        await Edge.WaitUntilReadyAsync();
        await Eventually.HoldsAsync(ServesAsync, TimeSpan.FromSeconds(90), "a message goes into Kafka");
    }

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        if (Spans is not null)
        {
            await Spans.DisposeAsync();
        }

        if (Kafka is not null)
        {
            await Kafka.DisposeAsync();
        }
    }

    /// <summary>Runs <c>mosquitto_pub</c>.</summary>
    public Task<string> PublishAsync(params string[] arguments) => ChildProcess.RunAsync("mosquitto_pub", ["-h", "127.0.0.1", "-p", Number(Port), .. arguments]);

    /// <summary>Starts <c>mosquitto_sub</c>, which ends by itself when it has as many messages as <c>-C</c> says; returns when it has subscribed.</summary>
    public async Task<ChildProcess> SubscribeAsync(params string[] arguments)
    {
        var client = Subscriber(arguments);
        await client.WaitForLineAsync("Subscribed");
        return client;
    }

    /// <summary>The same for a session that has messages already, which may come before it has subscribed: returns when it has them all.</summary>
    public async Task<ChildProcess> ResumeAsync(params string[] arguments)
    {
        var client = Subscriber(arguments);
        await client.WaitForExitAsync(TimeSpan.FromSeconds(30));
        return client;
    }

    /// <summary>What mosquitto_sub has been sent, without its own remarks.</summary>
    public static IEnumerable<string> Got(ChildProcess client) => client.Lines.Where(line => line.StartsWith("got ", StringComparison.Ordinal)).Select(line => line[4..]);

    /// <summary>Line by line, also into a pipe.</summary>
    private ChildProcess Subscriber(string[] arguments) =>
        ChildProcess.Start("stdbuf", ["-oL", "mosquitto_sub", "-d", "-h", "127.0.0.1", "-p", Number(Port), "-F", "got %t %p q%q r%r", .. arguments]);

    internal static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static TopicSpecification Topic(string name, int partitions, string cleanup) =>
        new() { Name = name, NumPartitions = partitions, ReplicationFactor = 1, Configs = new() { ["cleanup.policy"] = cleanup } };

    private void Start(string configuration)
    {
        var (plans, lane) = (FreePort.Next(), FreePort.Next());
        var environment = ServiceProcesses.Environment(plans, [lane], Spans.Environment);
        _services.Start("Zilla.Control", "control", plans, new Dictionary<string, string?>(Spans.Environment) { ["Zilla__Config"] = configuration });
        Cache = _services.Start("Zilla.KafkaCache", "kafka-cache", lane, environment);
        Edge = _services.Start("Zilla.EdgeMqtt", "edge-mqtt", 0, environment);
    }

    private async Task<bool> ServesAsync()
    {
        try
        {
            await PublishAsync("-t", "ready", "-m", "x", "-q", "2");
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private string Configuration(string sessions, string retained) => $$$"""
        name: mqtt
        vaults:
          stores:
            type: filesystem
            options: {keys: {store: keys.p12, type: pkcs12, password: pass-word}, trust: {store: trust.p12, type: pkcs12, password: pass-word}}
        telemetry: {attributes: {site: here}, exporters: {events: {type: stdout}, scraped: {type: prometheus, options: {endpoints: [{scheme: http, port: {{{MetricsPort}}}}]} } } }
        guards:
          peers: {type: x509, options: {identity: subject.cn}}
        bindings:
          tcp2: {type: tcp, kind: server, options: {host: 127.0.0.1, port: {{{TlsPort}}}}, exit: tls0}
          tls0: {type: tls, kind: server, vault: stores, options: {keys: [one], trust: [ca], mutual: required, authorization: {peers: {credentials: {certificates: pem} } } }, exit: mqtt1}
          mqtt1:
            type: mqtt
            kind: server
            routes:
              - guarded: {peers: []}
                when: [{publish: [{topic: 'of/{name}/#', params: {name: "${guarded['peers'].identity}"}}], subscribe: [{topic: 'of/#'}]}]
                exit: map0
          tcp3: {type: tcp, kind: server, options: {host: 127.0.0.1, port: {{{ProxyPort}}} }, exit: proxy0}
          proxy0: {type: proxy, kind: server, exit: mqtt0}
          tcp4: {type: tcp, kind: server, options: {host: 127.0.0.1, port: {{{SecureWebSocketPort}}} }, exit: tls1}
          tls1: {type: tls, kind: server, vault: stores, options: {keys: [one]}, exit: http0}
          tcp5: {type: tcp, kind: server, options: {host: 127.0.0.1, port: {{{UnfitPort}}} }, exit: mqtt2}
          mqtt2: {type: mqtt, kind: server, exit: map1}
          map1: {type: mqtt-kafka, kind: proxy, options: {topics: {sessions: {{{_unfit}}}, messages: {{{Messages}}}, retained: {{{retained}}} } }, exit: client0}
          tcp0: {type: tcp, kind: server, options: {host: 127.0.0.1, port: {{{Port}}}}, exit: mqtt0}
          tcp1: {type: tcp, kind: server, options: {host: 127.0.0.1, port: {{{WebSocketPort}}}}, exit: http0}
          http0: {type: http, kind: server, routes: [{exit: ws0, when: [{headers: {':path': /mqtt}}]}]}
          ws0: {type: ws, kind: server, routes: [{exit: mqtt0, when: [{protocol: mqtt}]}]}
          mqtt0: {type: mqtt, kind: server, exit: map0}
          map0: {type: mqtt-kafka, kind: proxy, options: {topics: {sessions: {{{sessions}}}, messages: {{{Messages}}}, retained: {{{retained}}}}}, exit: client0}
          client0: {type: kafka, kind: cache_client, exit: server0}
          server0: {type: kafka, kind: cache_server, exit: kafka0}
          kafka0: {type: kafka, kind: client, options: {servers: ['{{{Kafka.BootstrapServers}}}']}, exit: tcp9}
          tcp9: {type: tcp, kind: client}
        """;
}

[CollectionDefinition(Name)]
public sealed class MqttSuiteCollection : ICollectionFixture<MqttSuite>
{
    public const string Name = "mqtt";
}
