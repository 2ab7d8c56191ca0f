using Confluent.Kafka;
using Zilla.KafkaCache.Tests;
using Zilla.Streams.Mqtt;
using Zilla.Suite.Tests.Faults;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Mqtt.Faults;

/// <summary>MQTT as processes that a test ends and starts one by one: a broker, two cache replicas, two edges, each with a port of its own so that a client can say which.</summary>
internal sealed class MqttSuite : IAsyncDisposable
{
    public const int SessionPartitions = 8;

    private const int Replicas = 2;

    private readonly ServiceProcesses _services = new();

    private MqttSuite(KafkaBroker broker) => Broker = broker;

    public KafkaBroker Broker { get; }

    /// <summary>The clients' port of each edge.</summary>
    public IReadOnlyList<int> Ports { get; } = FreePort.Several(Replicas);

    public string Messages { get; } = KafkaBroker.Topic("messages");
    /// <summary>By a route: what is said below <c>kinds/{kind}</c> is in the topic of that name with <c>-{kind}</c> behind it; <c>-x</c> is there.</summary>
    public string Kinds { get; } = KafkaBroker.Topic("kinds");
    public string Sessions { get; } = KafkaBroker.Topic("sessions");
    public string Retained { get; } = KafkaBroker.Topic("retained");
    public IReadOnlyList<ServiceProcess> Caches { get; private set; } = [];
    public IReadOnlyList<ServiceProcess> Edges { get; private set; } = [];

    /// <inheritdoc cref="ServiceProcesses.Output"/>
    public string Output => _services.Output;

    /// <summary>Starts and waits until all is ready and both replicas own sessions.</summary>
    public static async Task<MqttSuite> StartAsync()
    {
        var suite = new MqttSuite(await KafkaBroker.StartDevKafkaAsync());
        try
        {
            await suite.CreateTopicsAsync();
            suite.Start();
            await suite._services.WaitUntilReadyAsync();
            await suite.SharedOutAsync();
            return suite;
        }
        catch
        {
            await suite.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until each replica owns its part of the sessions.</summary>
    public Task SharedOutAsync() => Eventually.HoldsAsync(
        () => Owners() is { Count: SessionPartitions } owners && owners.Values.Distinct(StringComparer.Ordinal).Count() == Replicas,
        TimeSpan.FromSeconds(60), $"both replicas own sessions\n{Output}");

    /// <summary>The replica that owns a client's session now.</summary>
    public ServiceProcess OwnerOf(string key)
    {
        var owner = Owners()[Streams.Kafka.Murmur2.Partition(System.Text.Encoding.UTF8.GetBytes(key), SessionPartitions)];
        return Caches.Single(cache => cache.Name == owner);
    }

    /// <summary>A client id, or a group of a shared subscription, whose session a replica owns now.</summary>
    public string KeyOwnedBy(ServiceProcess cache, Func<int, string> key) => Enumerable.Range(0, 1000).Select(key).First(k => OwnerOf(k) == cache);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Broker.DisposeAsync();
    }

    private Dictionary<int, string> Owners()
    {
        var owners = new Dictionary<int, string>();
        try
        {
            foreach (var record in Broker.ReadCommitted(OwnersTopic.Of(Sessions)))
            {
                if (OwnerClaim.Decode(record.Message.Key, record.Message.Value) is { } claim)
                {
                    owners[claim.Partition] = claim.Instance;
                }
            }
        }
        catch (KafkaException)
        {
            // It is not there yet.
        }

        return owners;
    }

    private async Task CreateTopicsAsync()
    {
        Dictionary<string, string> compacted = new() { ["cleanup.policy"] = "compact" };
        await Broker.CreateTopicsAsync([
            new() { Name = Messages, NumPartitions = 4, ReplicationFactor = 1 },
            new() { Name = $"{Kinds}-x", NumPartitions = 2, ReplicationFactor = 1 },
            new() { Name = Sessions, NumPartitions = SessionPartitions, ReplicationFactor = 1, Configs = compacted },
            new() { Name = Retained, NumPartitions = 1, ReplicationFactor = 1, Configs = compacted },
        ]);
    }

    private void Start()
    {
        var (lanes, plans) = (FreePort.Several(Replicas), FreePort.Several(Replicas));
        foreach (var (index, plan) in plans.Index())
        {
            // One Control for each edge, as their ports differ.
            _services.Start("Zilla.Control", $"control-{index}", plan, new Dictionary<string, string?> { ["Zilla__Config"] = Configuration(index) });
        }

        Caches = [.. lanes.Select((lane, index) => _services.Start("Zilla.KafkaCache", $"kafka-cache-{index}", lane, ServiceProcesses.Environment(plans[0], lanes)))];
        Edges = [.. plans.Select((plan, index) => _services.Start("Zilla.EdgeMqtt", $"edge-mqtt-{index}", 0, ServiceProcesses.Environment(plan, lanes)))];
    }

    private string Configuration(int edge) => _services.Write($"zilla-{edge}.yaml", $$$"""
        name: mqtt
        bindings:
          north_tcp_server: {type: tcp, kind: server, options: {host: 127.0.0.1, port: {{{Ports[edge]}}} }, exit: north_mqtt_server}
          north_mqtt_server: {type: mqtt, kind: server, exit: north_mqtt_kafka_mapping}
          north_mqtt_kafka_mapping:
            type: mqtt-kafka
            kind: proxy
            options: {topics: {sessions: {{{Sessions}}}, messages: {{{Messages}}}, retained: {{{Retained}}} } }
            routes:
              - when: [{publish: [{topic: "kinds/{kind}/#"}], subscribe: [{topic: "kinds/{kind}/#"}]}]
                with: {messages: "{{{Kinds}}}-${params.kind}"}
                exit: north_kafka_cache_client
            exit: north_kafka_cache_client
          north_kafka_cache_client: {type: kafka, kind: cache_client, exit: south_kafka_cache_server}
          south_kafka_cache_server: {type: kafka, kind: cache_server, options: {bootstrap: [{{{Messages}}}, {{{Retained}}}]}, exit: south_kafka_client}
          south_kafka_client: {type: kafka, kind: client, options: {servers: ["{{{Broker.BootstrapServers}}}"]}, exit: south_tcp_client}
          south_tcp_client: {type: tcp, kind: client}

        """);
}
