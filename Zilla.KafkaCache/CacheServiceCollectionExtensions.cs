using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Zilla.KafkaCache.Cache;
using Zilla.KafkaCache.Clusters;
using Zilla.KafkaCache.Conversion;
using Zilla.KafkaCache.Telemetry;

namespace Zilla.KafkaCache;

internal static class CacheServiceCollectionExtensions
{
    /// <summary>Adds the cache: its clusters, their health checks (<c>kafka:&lt;cluster&gt;</c>) and their orderly end.</summary>
    public static IServiceCollection AddKafkaCache(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => provider.GetRequiredService<IConfiguration>().GetSection(CacheOptions.Section).Get<CacheOptions>() ?? new());
        services.TryAddSingleton(provider => new MemoryBudget(provider.GetRequiredService<CacheOptions>().EffectiveMemoryBudget));
        services.TryAddSingleton(IRecordConversion.None);
        services.TryAddSingleton<CacheTelemetry>();
        services.TryAddSingleton(CreateRegistry);
        services.AddHostedService<ClusterShutdown>();
        services.AddHealthChecks();
        services.AddSingleton<IOptions<HealthCheckServiceOptions>, ClusterHealth>();
        return services;
    }

    private static ClusterRegistry CreateRegistry(IServiceProvider provider)
    {
        var instance = provider.GetRequiredService<IConfiguration>()["Zilla:Instance"] is { Length: > 0 } name ? name : $"kafka-cache-{Environment.ProcessId}";
        return new(plan => new(
            plan,
            instance,
            provider.GetRequiredService<CacheOptions>(),
            provider.GetRequiredService<MemoryBudget>(),
            provider.GetRequiredService<IRecordConversion>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Cluster>>()));
    }
}
