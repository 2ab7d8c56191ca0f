using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Zilla.Config.Bindings;
using Zilla.Config.Guards;
using Zilla.Config.Plans;
using Zilla.Config.Vaults;
using Zilla.Edge.Cache;
using Zilla.Edge.Guards;
using Zilla.Edge.Limits;
using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeHttp.Handover;
using Zilla.EdgeHttp.Server;
using Zilla.EdgeHttp.Sse;
using Zilla.ServiceDefaults.Metrics;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests;

/// <summary>The HTTP edge as it runs, on a loopback port, over a cache in memory.</summary>
internal sealed class Gateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _locks = Directory.CreateTempSubdirectory("ports-").FullName;
    private long _revision;

    private Gateway(TimeProvider time, IReadOnlyDictionary<string, string?> settings)
    {
        var builder = EdgeBuilder.Create(_locks, Log, Cache, settings);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton(_ => new PrometheusMetrics("Zilla.*"));
        builder.AddHttpEdge();
        builder.Services.AddSingleton(p => new HttpGatewayParts(
            p.GetRequiredService<CacheClient>(), p.GetRequiredService<GrpcEdge>(), p.GetRequiredService<GuardCompiler>(), p.GetRequiredService<RequestLimiters>(), p.GetRequiredService<OpenStreams>(), p.GetRequiredService<Microsoft.Extensions.Options.IOptions<HttpEdgeOptions>>(), time,
            p.GetRequiredService<ILogger<SseKafka.SseStream>>())
        {
            NewGuid = () => Guid.Parse("00000000-0000-0000-0000-00000000002a"),
        });
        _app = builder.Build();
        _app.Use((context, next) =>
        {
            Requests.Enqueue($"{context.Request.Scheme} {context.Connection.RemoteIpAddress}:{context.Connection.RemotePort} to {context.Connection.LocalIpAddress}:{context.Connection.LocalPort}");
            return next(context);
        });
        _app.UseGateway();
        _app.MapGet("/healthz", () => "healthy");
    }

    public FakeCache Cache { get; } = new();

    /// <summary>Of the plans that are applied from now on.</summary>
    public IReadOnlyList<FilesystemVault> Vaults { get; set; } = [];

    /// <summary>Of the plans that are applied from now on.</summary>
    public IReadOnlyList<GuardConfig> Guards { get; set; } = [];

    /// <summary>Of the plans that are applied from now on.</summary>
    public MetricsPlan? Metrics { get; set; }

    /// <summary>"scheme client to address" of each request.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public CapturedLog Log { get; } = new();

    public FakeTopic Items => Cache.Topic("items");
    public int Port { get; } = FreePort.Next();
    public HttpClient Client { get; private set; } = null!;
    public HttpClient Http2 { get; private set; } = null!;

    /// <summary>The address of the service's own endpoint.</summary>
    public string Internal => _app.Urls.First(u => u.StartsWith("http://127.0.0.1", StringComparison.Ordinal));

    public static Task<Gateway> StartAsync(params BindingConfig[] bindings) => StartAsync(TimeProvider.System, new Dictionary<string, string?>(), bindings);

    public static async Task<Gateway> StartAsync(TimeProvider time, IReadOnlyDictionary<string, string?> settings, params BindingConfig[] bindings)
    {
        var gateway = new Gateway(time, settings);
        await gateway._app.StartAsync();
        await gateway.ApplyAsync([gateway.Port], bindings);
        var address = new Uri($"http://127.0.0.1:{gateway.Port}");
        gateway.Client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
        gateway.Http2 = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = address,
            Timeout = TimeSpan.FromSeconds(30),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        return gateway;
    }

    /// <summary>Puts a plan in force; bindings that are not given are those of <see cref="Quickstart"/>.</summary>
    public Task ApplyAsync(int[] ports, params BindingConfig[] bindings) => _app.Services.GetRequiredService<HttpPlanApplier>().ApplyAsync(new ServicePlan
    {
        Revision = ++_revision,
        Namespace = "tests",
        Listeners = ports.Length == 0 ? [] : [new ListenerPlan { Binding = bindings.OfType<TcpServerBinding>().FirstOrDefault()?.Name ?? "tcp", Host = "127.0.0.1", Ports = ports, Limits = bindings.OfType<TcpServerBinding>().FirstOrDefault()?.Limits }],
        Bindings = [.. bindings, .. Quickstart.Bindings.Where(b => bindings.All(given => given.Name != b.Name))],
        Vaults = Vaults,
        Guards = Guards,
        Metrics = Metrics,
        Clusters = new Dictionary<string, string> { ["cache"] = "cluster" },
    }, CancellationToken.None);

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        Http2?.Dispose();
        await _app.DisposeAsync();
        await Cache.DisposeAsync();
        Directory.Delete(_locks, recursive: true);
    }
}
