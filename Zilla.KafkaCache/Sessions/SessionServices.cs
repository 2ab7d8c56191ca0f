using Microsoft.Extensions.DependencyInjection.Extensions;
using Zilla.KafkaCache.Clusters;
using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.KafkaCache.Sessions.Shares;
using Zilla.KafkaCache.Telemetry;

namespace Zilla.KafkaCache.Sessions;

internal static class SessionServices
{
    /// <summary>Adds what makes the sessions of a partition that this replica comes to own.</summary>
    public static IServiceCollection AddSessions(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => provider.GetRequiredService<IConfiguration>().GetSection(SessionOptions.Section).Get<SessionOptions>() ?? new());
        services.TryAddSingleton<SessionTelemetry>();
        services.TryAddSingleton(provider => new LocalStreams(() => ActivatorUtilities.GetServiceOrCreateInstance<CacheAcceptor>(provider)));
        services.TryAddSingleton<PartitionSessionsFactory>(provider => (partition, plan, cluster) => new SessionHost(
            partition,
            plan,
            cluster.Plan.Allows,
            cluster.Name,
            provider.GetRequiredService<LocalStreams>(),
            provider.GetRequiredService<SessionOptions>(),
            provider.GetRequiredService<SessionTelemetry>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SessionHost>>()));
        return services;
    }
}
