using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Zilla.Config.Plans;
using Zilla.KafkaCache.Cache;
using Zilla.KafkaCache.Clusters;
using Zilla.KafkaCache.Conversion;
using Zilla.KafkaCache.Sessions;
using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.KafkaCache.Sessions.Shares;
using Zilla.KafkaCache.Telemetry;
using Zilla.KafkaCache.Work;
using Zilla.Streams;
using Zilla.Streams.Network;

namespace Zilla.KafkaCache;

/// <summary>Puts the cache together.</summary>
internal static class CacheSetup
{
    private static readonly Dictionary<string, string?> Defaults = new()
    {
        // Where edges open their lanes, unless the configuration says where: loopback, any free port.
        ["Kestrel:Endpoints:Grpc:Url"] = "http://127.0.0.1:0",
        ["Kestrel:Endpoints:Grpc:Protocols"] = "Http2",
    };

    /// <summary>Adds the cache to a service: what serves streams and the endpoint for them.</summary>
    public static void AddKafkaCache(this WebApplicationBuilder builder)
    {
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = Defaults });
        builder.Services.AddKafkaCache();
        builder.Services.Configure<StreamServerOptions>(streams => streams.Lane = streams.Lane with { Instance = InstanceName.Of(builder.Configuration, ServiceNames.KafkaCache) });
    }

    /// <summary>Adds the clusters, their health checks (<c>kafka:&lt;cluster&gt;</c>) and their orderly end.</summary>
    public static IServiceCollection AddKafkaCache(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => provider.GetRequiredService<IConfiguration>().GetSection(CacheOptions.Section).Get<CacheOptions>() ?? new());
        services.TryAddSingleton<CacheStorage>();
        services.TryAddSingleton(provider => provider.GetRequiredService<CacheStorage>().Budget);
        services.TryAddSingleton(IRecordConversion.None);
        services.TryAddSingleton<CacheTelemetry>();
        services.AddSessions();
        services.TryAddSingleton<WorkTelemetry>();
        services.TryAddSingleton<WorkFactory>(provider => (plan, cluster, metadata, producers) =>
            new WorkHost(plan, cluster, metadata, producers, provider.GetRequiredService<LocalStreams>(), provider.GetRequiredService<WorkTelemetry>()));
        services.TryAddSingleton(CreateRegistry);
        services.AddHostedService<ClusterShutdown>();
        services.AddHostedService<StoreWatch>();
        services.AddHealthChecks();
        services.AddSingleton<IOptions<HealthCheckServiceOptions>, ClusterHealth>();
        return services;
    }

    private static ClusterRegistry CreateRegistry(IServiceProvider provider)
    {
        var instance = InstanceName.Of(provider.GetRequiredService<IConfiguration>(), ServiceNames.KafkaCache);
        return new(plan => new(
            plan,
            instance,
            provider.GetRequiredService<CacheOptions>(),
            provider.GetRequiredService<MemoryBudget>(),
            provider.GetRequiredService<IRecordConversion>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Cluster>>(),
            provider.GetRequiredService<PartitionSessionsFactory>(),
            provider.GetRequiredService<WorkFactory>()));
    }
}
