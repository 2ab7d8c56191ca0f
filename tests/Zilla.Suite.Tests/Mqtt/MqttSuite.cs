using System.Globalization;
using Zilla.Suite.Tests.Telemetry;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Mqtt;

/// <summary>
/// Control, cache and MQTT edge as real processes on a broker, shared by all tests of the folder: a port for TCP, one for WebSockets, one each for these with TLS, one behind a
/// load balancer that says who is there, and one whose sessions topic is not as it should be.
/// </summary>
public sealed class MqttSuite : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("zilla-mqtt-");
    private readonly List<ChildProcess> _processes = [];
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

    /// <summary>Has issued the certificate of <see cref="TlsPort"/>, for <c>localhost</c>.</summary>
    public TestAuthority Authority { get; } = new("mqtt");

    public string Folder => _folder.FullName;

    /// <summary>Of the service's own endpoint.</summary>
    public int EdgeHttp { get; } = FreePort.Next();

    public string Messages { get; } = KafkaBroker.Topic("mqtt-messages");

    /// <summary>What the services export.</summary>
    internal SpanCollector Spans { get; private set; } = null!;

    internal ChildProcess Edge => _processes[^1];

    internal ChildProcess Cache => _processes[^2];

    public async Task InitializeAsync()
    {
        Kafka = await KafkaBroker.StartAsync();
        Spans = await SpanCollector.StartAsync();
        var (sessions, retained) = (KafkaBroker.Topic("mqtt-sessions"), KafkaBroker.Topic("mqtt-retained"));
        await NodeClients.RunAsync("create-topic.mjs", Kafka.BootstrapServers, sessions, "4", "cleanup.policy=compact");
        await NodeClients.RunAsync("create-topic.mjs", Kafka.BootstrapServers, retained, "2", "cleanup.policy=compact");
        await NodeClients.RunAsync("create-topic.mjs", Kafka.BootstrapServers, Messages, "3", "cleanup.policy=delete");
        await NodeClients.RunAsync("create-topic.mjs", Kafka.BootstrapServers, _unfit, "1", "cleanup.policy=delete");
        TestAuthority.Store(Path.Combine(Folder, "keys.p12"), "pass-word", ("one", Authority.Issue("localhost")));
        TestAuthority.Store(Path.Combine(Folder, "trust.p12"), "pass-word", ("ca", Authority.Certificate));
        var config = Path.Combine(_folder.FullName, "zilla.yaml");
        await File.WriteAllTextAsync(config, Configuration(sessions, retained));

        var (control, cache) = (FreePort.Next(), FreePort.Next());
        Start("Zilla.Control", "control", FreePort.Next(), [("Zilla__Config", config), .. Grpc(control)]);
        Start("Zilla.KafkaCache", "kafka-cache", FreePort.Next(), [("services__control__grpc__0", Local(control)), .. Grpc(cache)]);
        Start("Zilla.EdgeMqtt", "edge-mqtt", EdgeHttp, ("services__control__grpc__0", Local(control)), ("services__kafka-cache__grpc__0", Local(cache)), ("Zilla__Edge__LockFolder", _folder.FullName));
        using var http = new HttpClient();
        await Eventually.HoldsAsync(() => ServesAsync(http), TimeSpan.FromSeconds(90), "a message goes into Kafka");
    }

    public async Task DisposeAsync()
    {
        foreach (var process in _processes.AsEnumerable().Reverse())
        {
            process.Signal(15);
        }

        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        await Spans.DisposeAsync();
        await Kafka.DisposeAsync();
        _folder.Delete(recursive: true);
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

    private static string Local(int port) => $"http://127.0.0.1:{port}";

    private static (string, string)[] Grpc(int port) => [("Kestrel__Endpoints__Grpc__Url", Local(port)), ("Kestrel__Endpoints__Grpc__Protocols", "Http2")];

    private void Start(string service, string instance, int http, params (string Name, string Value)[] variables)
    {
        var environment = variables.ToDictionary(variable => variable.Name, variable => (string?)variable.Value);
        environment["Kestrel__Endpoints__Http__Url"] = Local(http);
        foreach (var (name, value) in Spans.Environment)
        {
            environment[name] = value;
        }

        environment["OTEL_SERVICE_NAME"] = instance;
        environment["Zilla__Instance"] = $"{instance}-0";
        environment["Zilla__StateDirectory"] = Path.Combine(_folder.FullName, instance);
        _processes.Add(ChildProcess.Start(Repository.Service(service), [], environment, _folder.FullName));
    }

    private async Task<bool> ServesAsync(HttpClient http)
    {
        if (_processes.Find(process => process.HasExited) is { } gone)
        {
            throw new InvalidOperationException($"A service exited with {gone.ExitCode}:\n{gone.Output}");
        }

        try
        {
            using var ready = await http.GetAsync(new Uri($"{Local(EdgeHttp)}/readyz"));
            if (!ready.IsSuccessStatusCode)
            {
                return false;
            }

            await PublishAsync("-t", "ready", "-m", "x", "-q", "2");
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or InvalidOperationException)
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
        telemetry: {exporters: {events: {type: stdout} } }
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
