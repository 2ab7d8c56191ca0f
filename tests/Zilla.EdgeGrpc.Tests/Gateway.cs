using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Zilla.Config.Bindings;
using Zilla.Config.Guards;
using Zilla.Config.Plans;
using Zilla.Config.Vaults;
using Zilla.Edge.Cache;
using Zilla.Edge.Guards;
using Zilla.Edge.Limits;
using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeGrpc.Handover;
using Zilla.EdgeGrpc.Messages;
using Zilla.EdgeGrpc.Server;
using Zilla.EdgeGrpc.Tests.Json;
using Zilla.EdgeGrpc.Tests.Protos;
using Zilla.EdgeGrpc.Upstream;
using Zilla.ServiceDefaults.Metrics;
using Zilla.Testing;

namespace Zilla.EdgeGrpc.Tests;

/// <summary>The gRPC edge as it runs, on a loopback port, over a cache in memory.</summary>
internal sealed class Gateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _locks = Directory.CreateTempSubdirectory("ports-").FullName;

    private Gateway(Dictionary<string, string?> settings, string? channelKey)
    {
        var builder = EdgeBuilder.Create(_locks, Log, Cache, settings);
        if (channelKey is not null)
        {
            builder.Configuration["Zilla:Channel:Key"] = channelKey;
            builder.AddServiceDefaults();
        }

        builder.Services.AddSingleton(_ => new PrometheusMetrics("Zilla.*"));
        builder.AddGrpcEdge();
        builder.Services.AddSingleton(p => new GrpcGatewayParts(
            p.GetRequiredService<CacheClient>(), p.GetRequiredService<UpstreamChannels>(), p.GetRequiredService<MessageBudget>(), p.GetRequiredService<GuardCompiler>(), p.GetRequiredService<RequestLimiters>(), TimeProvider.System, p.GetRequiredService<ILogger<GrpcServerModel>>())
        {
            NewGuid = () => Guid.Parse("00000000-0000-0000-0000-00000000002a"),
        });
        _app = builder.Build();
        _app.UseGateway();
        if (channelKey is not null)
        {
            _app.MapHandover();
        }
        else
        {
            _app.Map("{**path}", _app.Services.GetRequiredService<HandoverEndpoint>().ServeAsync);
        }
    }

    public FakeCache Cache { get; } = new();
    public MessageBudget Messages => _app.Services.GetRequiredService<MessageBudget>();
    public CapturedLog Log { get; } = new();
    public int Port { get; } = FreePort.Next();

    /// <summary>The address of the service's own endpoint.</summary>
    public string Internal => _app.Urls.First(url => !url.EndsWith($":{Port}", StringComparison.Ordinal) && url.StartsWith("http://127.0.0.1", StringComparison.Ordinal));

    public string Address => $"http://127.0.0.1:{Port}";
    public GrpcChannel Channel { get; private set; } = null!;
    public Things.ThingsClient Things { get; private set; } = null!;
    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(30) };

    public static Task<Gateway> StartAsync(params GrpcKafkaRoute[] routes) => StartAsync(grpc => grpc, [], routes);

    public static Task<Gateway> StartAsync(Func<GrpcServerBinding, GrpcServerBinding> change, params GrpcKafkaRoute[] routes) => StartAsync(change, [], routes);

    public static Task<Gateway> StartAsync(IEnumerable<(string Name, string Value)> settings, params GrpcKafkaRoute[] routes) => StartAsync(grpc => grpc, settings, routes);

    /// <summary>In front of a gRPC service on a loopback port.</summary>
    /// <param name="service">The port.</param>
    /// <param name="maximum">Bytes of a message, either way.</param>
    /// <param name="guarded">The guard that has to give clients the role "role"; null: anyone may call.</param>
    /// <param name="channelKey">What services know each other by; null: nothing.</param>
    /// <param name="http">To the http client binding, whose tcp client is "tcp-client".</param>
    public static Task<Gateway> ProxyAsync(int service, int maximum = 1 << 20, string? guarded = null, string? channelKey = null, Func<HttpClientBinding, HttpClientBinding>? http = null) => StartAsync(grpc => grpc with { Exit = "client", MaxMessage = maximum }, [],
    [
        new GrpcClientBinding { Name = "client", MaxMessage = maximum, Routes = [new() { Exit = "http-client", When = [new() { Method = "zilla.tests.Things/*" }], Guarded = guarded is null ? new Dictionary<string, IReadOnlyList<string>>() : new() { [guarded] = ["role"] } }] },
        (http ?? (same => same))(new HttpClientBinding { Name = "http-client", Exit = "tcp-client" }),
        new TcpClientBinding { Name = "tcp-client", Host = "127.0.0.1", Ports = [service] },
    ], channelKey);

    /// <summary>Over TLS, with clients that their certificates name.</summary>
    public static Task<Gateway> StartAsync(TlsServerBinding tls, FilesystemVault vault, X509Guard guard, params GrpcKafkaRoute[] routes) => StartAsync(grpc => grpc, [], [new GrpcKafkaBinding { Name = "grpc-kafka", Routes = routes }], plan: plan => plan with
    {
        Vaults = [vault],
        Guards = [guard],
        Bindings = [new TcpServerBinding { Name = "tcp", Ports = [], Exit = tls.Name }, tls, .. plan.Bindings.Where(binding => binding is not TcpServerBinding)],
    });

    /// <summary>With endpoints of prometheus exporters.</summary>
    public static Task<Gateway> StartAsync(MetricsPlan metrics, params GrpcKafkaRoute[] routes) => StartAsync(grpc => grpc, [], [new GrpcKafkaBinding { Name = "grpc-kafka", Routes = routes }], plan: plan => plan with { Metrics = metrics });

    /// <param name="change">To the grpc server binding.</param>
    /// <param name="settings">Of the edge, below <c>Zilla:Edge:</c>.</param>
    /// <param name="routes">Of the grpc-kafka binding.</param>
    public static Task<Gateway> StartAsync(Func<GrpcServerBinding, GrpcServerBinding> change, IEnumerable<(string Name, string Value)> settings, params GrpcKafkaRoute[] routes) =>
        StartAsync(change, settings, [new GrpcKafkaBinding { Name = "grpc-kafka", Routes = routes }]);

    private static async Task<Gateway> StartAsync(Func<GrpcServerBinding, GrpcServerBinding> change, IEnumerable<(string Name, string Value)> settings, BindingConfig[] behind, string? channelKey = null, Func<ServicePlan, ServicePlan>? plan = null)
    {
        var gateway = new Gateway(settings.ToDictionary(setting => "Zilla:Edge:" + setting.Name, setting => (string?)setting.Value), channelKey);
        await gateway._app.StartAsync();
        var grpc = change(new GrpcServerBinding { Name = "grpc", Exit = "grpc-kafka", Descriptors = TestSchema.Set(Everything.Descriptor.File), MaxMessage = 1 << 20 });
        var whole = new ServicePlan
        {
            Revision = 1,
            Namespace = "tests",
            Listeners = [new ListenerPlan { Binding = "tcp", Host = "127.0.0.1", Ports = [gateway.Port] }],
            Bindings =
            [
                new TcpServerBinding { Name = "tcp", Ports = [], Exit = "http" },
                new HttpServerBinding { Name = "http", Exit = grpc.Name, CrossOrigin = new CrossOriginPolicy { ExposeHeaders = ["x-own"] } },
                grpc,
                .. behind,
            ],
            Handovers = [grpc.Name],
            Clusters = new Dictionary<string, string> { ["cache"] = "cluster" },
        };
        await gateway._app.Services.GetRequiredService<GrpcPlanApplier>().ApplyAsync(plan?.Invoke(whole) ?? whole, CancellationToken.None);
        gateway.Channel = GrpcChannel.ForAddress(gateway.Address);
        gateway.Things = new Things.ThingsClient(gateway.Channel);
        return gateway;
    }

    public static GrpcKafkaRoute Produce(string method, string topic, string? replyTo = null) => new()
    {
        Exit = "cache",
        When = [new GrpcCondition { Method = method }],
        Produce = new GrpcKafkaProduce { Topic = topic, ReplyTo = replyTo },
    };

    public static GrpcKafkaRoute Fetch(string method, string topic) => new()
    {
        Exit = "cache",
        When = [new GrpcCondition { Method = method }],
        Fetch = new GrpcKafkaFetch { Topic = topic },
    };

    public async ValueTask DisposeAsync()
    {
        Channel?.Dispose();
        Http.Dispose();
        await _app.DisposeAsync();
        await Cache.DisposeAsync();
        Directory.Delete(_locks, recursive: true);
    }
}
