using Google.Protobuf;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Zilla.Config.Plans;
using Zilla.KafkaCache.Cache;
using Zilla.KafkaCache.Clusters;
using Zilla.KafkaCache.Conversion;
using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.Streams;
using Zilla.Streams.Lanes;
using Zilla.Streams.V1;
using Zilla.Testing;
using Acks = Zilla.Streams.V1.KafkaProduce.Types.Acks;

namespace Zilla.KafkaCache.Tests;

/// <summary>One cache as the service has it, reached over lanes in memory.</summary>
internal sealed class CacheReplica : IAsyncDisposable
{
    public const string ClusterName = "south";

    private readonly ServiceProvider _services;
    private readonly InProcessLanes _lanes;

    private CacheReplica(ServiceProvider services, LaneOptions? options)
    {
        _services = services;
        _lanes = InProcessLanes.Connect(ActivatorUtilities.CreateInstance<CacheAcceptor>(services), options);
    }

    public ClusterRegistry Clusters => _services.GetRequiredService<ClusterRegistry>();
    public Cluster Cluster => Clusters.Find(ClusterName)!;
    public MemoryBudget Budget => _services.GetRequiredService<MemoryBudget>();
    public CapturedLog Log => _services.GetRequiredService<CapturedLog>();

    public static Task<CacheReplica> StartAsync(
        string servers, CacheOptions? options = null, string[]? bootstrap = null, LaneOptions? lanes = null, IRecordConversion? conversion = null, string? state = null) =>
        StartAsync(Plan(servers, bootstrap), options, lanes, conversion, state);

    public static async Task<CacheReplica> StartAsync(
        ClusterPlan plan, CacheOptions? options = null, LaneOptions? lanes = null, IRecordConversion? conversion = null, string? state = null, string? instance = null,
        PartitionSessionsFactory? sessions = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new("Zilla:StateDirectory", state), new("Zilla:Instance", instance)]).Build());
        services.AddSingleton<CapturedLog>();
        services.AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<CapturedLog>());
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Debug));
        services.AddMetrics();
        services.AddSingleton(options ?? new CacheOptions { MetadataRefresh = TimeSpan.FromMilliseconds(500) });
        services.AddSingleton(conversion ?? IRecordConversion.None);
        services.AddSingleton(sessions ?? NoSessions.Factory);
        services.AddKafkaCache();
        services.RemoveAll<IHostedService>();
        var replica = new CacheReplica(services.BuildServiceProvider(), lanes);
        await replica.Clusters.ApplyAsync([plan]);
        return replica;
    }

    public Task ApplyAsync(string servers, string[]? bootstrap = null) =>
        Clusters.ApplyAsync([Plan(servers, bootstrap)]);

    public async Task<HealthStatus> HealthAsync() => (await HealthAsync($"kafka:{ClusterName}")).Status;

    public async Task<HealthReportEntry> HealthAsync(string check)
    {
        var service = _services.GetRequiredService<HealthCheckService>();
        return (await service.CheckHealthAsync()).Entries[check];
    }

    public FrameStream Open(Action<KafkaBeginEx> configure, string traceparent = "")
    {
        var begin = new Begin { Traceparent = traceparent, Kafka = new() { Cluster = ClusterName } };
        configure(begin.Kafka);
        return _lanes.Open(begin);
    }

    public FrameStream OpenWork(WorkBeginEx begin) => _lanes.Open(new() { Work = begin });

    public FrameStream Open(MqttBeginEx begin) => _lanes.Open(new() { Mqtt = begin });

    private static ClusterPlan Plan(string servers, string[]? bootstrap) => new() { Name = ClusterName, Servers = [servers], Bootstrap = bootstrap ?? [] };

    public FetchReader Fetch(string topic, KafkaFetch? fetch = null) => new(Open(begin => (begin.Topic, begin.Fetch) = (topic, fetch ?? new())));

    public ProduceWriter Produce(string topic, Acks acks = Acks.InSyncReplicas) => new(Open(begin => (begin.Topic, begin.Produce) = (topic, new() { Acks = acks })));

    public async ValueTask DisposeAsync()
    {
        await Clusters.StopAsync();
        await _lanes.DisposeAsync();
        await _services.DisposeAsync();
    }

    public static KafkaFilter Key(string key) => new() { Key = ByteString.CopyFromUtf8(key) };

    public static KafkaFilter Header(string name, string value) => new() { Headers = { new KafkaHeader { Name = name, Value = ByteString.CopyFromUtf8(value) } } };
}
