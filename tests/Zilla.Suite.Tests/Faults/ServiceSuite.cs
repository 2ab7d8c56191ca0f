using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Faults;

/// <summary>The suite as processes that a test ends and starts one by one, on a broker of its own: edges that share a port, cache replicas, Control.</summary>
internal sealed class ServiceSuite : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("zilla-faults-");
    private readonly List<ServiceProcess> _services = [];

    private ServiceSuite(KafkaBroker broker) => Broker = broker;

    public KafkaBroker Broker { get; }

    /// <summary>The clients' port.</summary>
    public int Port { get; } = FreePort.Next();

    public Uri Address => new($"http://127.0.0.1:{Port}");

    public ServiceProcess Control { get; private set; } = null!;
    public IReadOnlyList<ServiceProcess> Caches { get; private set; } = [];
    public IReadOnlyList<ServiceProcess> Edges { get; private set; } = [];

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
            using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = suite.Broker.BootstrapServers }).Build();
            await admin.CreateTopicsAsync(topics.Values);
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
        foreach (var service in _services)
        {
            await service.DisposeAsync();
        }

        await Broker.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private void Start(string example, Dictionary<string, string> topics, int replicas, IReadOnlyDictionary<string, string?> settings)
    {
        var folder = _folder.FullName;
        var plans = FreePort.Next();
        var channel = ServiceProcess.ChannelScheme(settings);
        int[] lanes = [.. Enumerable.Range(0, replicas).Select(_ => FreePort.Next())];
        var environment = new Dictionary<string, string?>(settings) { ["services__control__grpc__0"] = $"{channel}://127.0.0.1:{plans}" };
        foreach (var (index, lane) in lanes.Index())
        {
            environment[$"services__kafka-cache__grpc__{index}"] = $"{channel}://127.0.0.1:{lane}";
        }

        Control = Add(ServiceProcess.Start("Zilla.Control", "control-0", folder, plans, new Dictionary<string, string?>(settings)
        {
            ["Zilla__Config"] = ExampleCopy.Write(folder, example, Port, topics),
            ["KAFKA_BOOTSTRAP_SERVER"] = Broker.BootstrapServers,
        }));
        Caches = [.. lanes.Select((lane, index) => Add(ServiceProcess.Start("Zilla.KafkaCache", $"kafka-cache-{index}", folder, lane, environment)))];
        Edges = [.. Enumerable.Range(0, replicas).Select(index => Add(ServiceProcess.Start("Zilla.EdgeHttp", $"edge-http-{index}", folder, 0, environment)))];
    }

    private ServiceProcess Add(ServiceProcess service)
    {
        _services.Add(service);
        return service;
    }
}
