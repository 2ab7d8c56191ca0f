using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Zilla.Config.Bindings;
using Zilla.Config.Guards;
using Zilla.Config.Plans;
using Zilla.Config.Vaults;
using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeMqtt.Delivery;
using Zilla.EdgeMqtt.Sessions;
using Zilla.ServiceDefaults.Metrics;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Connections;

/// <summary>The MQTT edge as it runs, on a loopback port, over sessions, deliveries and a cache in memory.</summary>
internal sealed class TestEdge : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _locks = Directory.CreateTempSubdirectory("ports-").FullName;
    private long _revision;

    private TestEdge(TimeProvider? time, IReadOnlyDictionary<string, string?> settings, bool delivers)
    {
        var builder = EdgeBuilder.Create(_locks, Log, Cache, settings);
        builder.Logging.SetMinimumLevel(LogLevel.Debug);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddSingleton(_ => new PrometheusMetrics("Zilla.*"));
        builder.AddMqttEdge();
        builder.Services.AddSingleton<ISessions>(Sessions);
        if (!delivers)
        {
            builder.Services.AddSingleton<IDeliveries>(Deliveries);
        }

        _app = builder.Build();
        _app.UseGateway();
        Cache.Topic("messages");
        Cache.Topic("retained");
    }

    public FakeCache Cache { get; } = new();

    public FakeSessions Sessions { get; } = new();

    public FakeDeliveries Deliveries { get; } = new();

    public CapturedLog Log { get; } = new();

    public int Port { get; } = FreePort.Next();

    /// <summary>Of the plans that are applied from now on.</summary>
    public IReadOnlyList<VaultOrGuard> Extras { get; set; } = [];

    /// <summary>Of the plans that are applied from now on.</summary>
    public MetricsPlan? Metrics { get; set; }

    public RetainedWrites RetainedWrites => _app.Services.GetRequiredService<RetainedWrites>();

    public FakeTopic Messages => Cache.Topic("messages");

    public static Task<TestEdge> StartAsync(params BindingConfig[] bindings) => StartAsync(null, new Dictionary<string, string?>(), [], bindings);

    /// <summary>With the deliveries that the edge has.</summary>
    public static Task<TestEdge> StartDeliveringAsync() => StartAsync(new TestEdge(null, new Dictionary<string, string?>(), delivers: true));

    public static Task<TestEdge> StartAsync(TimeProvider? time, IReadOnlyDictionary<string, string?> settings, VaultOrGuard[] extras, params BindingConfig[] bindings) =>
        StartAsync(new TestEdge(time, settings, delivers: false) { Extras = extras }, bindings);

    private static async Task<TestEdge> StartAsync(TestEdge edge, params BindingConfig[] bindings)
    {
        await edge._app.StartAsync();
        await edge.ApplyAsync(bindings);
        return edge;
    }

    /// <summary>Puts a plan in force; bindings that are not given are those of a plain mqtt server.</summary>
    public Task ApplyAsync(params BindingConfig[] bindings) => _app.Services.GetRequiredService<MqttPlanApplier>().ApplyAsync(new ServicePlan
    {
        Revision = ++_revision,
        Namespace = "tests",
        Listeners = [new ListenerPlan { Binding = "tcp", Host = "127.0.0.1", Ports = [Port] }],
        Bindings = [.. bindings, .. Bindings.Where(binding => bindings.All(given => given.Name != binding.Name))],
        Vaults = [.. Extras.Select(extra => extra.Vault).OfType<FilesystemVault>()],
        Guards = [.. Extras.Select(extra => extra.Guard).OfType<GuardConfig>()],
        Metrics = Metrics,
        Clusters = new Dictionary<string, string> { ["cache"] = "cluster" },
    }, CancellationToken.None);

    public Task<TestClient> OpenAsync(Zilla.EdgeMqtt.Packets.MqttVersion version = Zilla.EdgeMqtt.Packets.MqttVersion.V5) => TestClient.OpenAsync(Port, version);

    public Task<TestClient> ConnectAsync(
        Zilla.EdgeMqtt.Packets.MqttVersion version = Zilla.EdgeMqtt.Packets.MqttVersion.V5, string clientId = "client",
        Func<Zilla.EdgeMqtt.Packets.ConnectPacket, Zilla.EdgeMqtt.Packets.ConnectPacket>? change = null) => TestClient.ConnectAsync(Port, version, clientId, change);

    /// <summary>The values of a topic's records, in their order.</summary>
    public IReadOnlyList<string> Values(string topic = "messages") =>
        [.. Cache.Topic(topic).Records(0).Select(record => record.Value is { } value ? System.Text.Encoding.UTF8.GetString(value) : "(null)")];

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await Cache.DisposeAsync();
        Directory.Delete(_locks, recursive: true);
    }

    private static IReadOnlyList<BindingConfig> Bindings { get; } =
    [
        new TcpServerBinding { Name = "tcp", Ports = [], Exit = "mqtt" },
        new MqttServerBinding { Name = "mqtt", Exit = "map" },
        new MqttKafkaBinding { Name = "map", Topics = new MqttKafkaTopics { Sessions = "sessions", Messages = "messages", Retained = "retained" }, Exit = "cache" },
    ];
}

/// <summary>What a plan has beside bindings.</summary>
internal sealed record VaultOrGuard(FilesystemVault? Vault = null, GuardConfig? Guard = null);
