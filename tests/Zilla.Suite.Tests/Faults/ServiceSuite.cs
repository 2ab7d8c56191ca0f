using Confluent.Kafka.Admin;
using Zilla.KafkaCache.Tests;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Faults;

/// <summary>The suite as processes that a test ends and starts one by one, on a broker of its own: edges that share a port, cache replicas, Control.</summary>
internal sealed class ServiceSuite : IAsyncDisposable
{
    private readonly ServiceProcesses _services = new();

    private ServiceSuite(KafkaBroker broker) => Broker = broker;

    public KafkaBroker Broker { get; }

    /// <summary>The clients' port.</summary>
    public int Port { get; } = FreePort.Next();

    public Uri Address => new($"http://127.0.0.1:{Port}");

    public ServiceProcess Control { get; private set; } = null!;
    public IReadOnlyList<ServiceProcess> Caches { get; private set; } = [];
    public IReadOnlyList<ServiceProcess> Edges { get; private set; } = [];

    /// <inheritdoc cref="ServiceProcesses.Output"/>
    public string Output => _services.Output;

    /// <summary>Starts on an example and waits until an edge is ready.</summary>
    /// <param name="example">A folder of <c>examples</c>.</param>
    /// <param name="topics">To be created, by the example's own names for them.</param>
    /// <param name="replicas">Of the cache, and of the edge.</param>
    /// <param name="settings">More environment for every service.</param>
    public static async Task<ServiceSuite> StartAsync(
        string example, IReadOnlyDictionary<string, TopicSpecification> topics, int replicas = 2, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var suite = new ServiceSuite(await KafkaBroker.StartDevKafkaAsync());
        try
        {
            await suite.Broker.CreateTopicsAsync(topics.Values);
            suite.Start(example, topics.ToDictionary(t => t.Key, t => t.Value.Name), replicas, settings ?? new Dictionary<string, string?>());
            await Task.WhenAll(suite.Edges.Select(edge => edge.WaitUntilReadyAsync()));
            return suite;
        }
        catch
        {
            await suite.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Broker.DisposeAsync();
    }

    private void Start(string example, Dictionary<string, string> topics, int replicas, IReadOnlyDictionary<string, string?> settings)
    {
        var plans = FreePort.Next();
        var lanes = FreePort.Several(replicas);
        var environment = ServiceProcesses.Environment(plans, lanes, settings);
        Control = _services.Start("Zilla.Control", "control-0", plans, new Dictionary<string, string?>(settings)
        {
            ["Zilla__Config"] = ExampleCopy.Write(_services.Folder, example, Port, topics),
            ["KAFKA_BOOTSTRAP_SERVER"] = Broker.BootstrapServers,
        });
        Caches = [.. lanes.Select((lane, index) => _services.Start("Zilla.KafkaCache", $"kafka-cache-{index}", lane, environment))];
        Edges = [.. Enumerable.Range(0, replicas).Select(index => _services.Start("Zilla.EdgeHttp", $"edge-http-{index}", 0, environment))];
    }
}
