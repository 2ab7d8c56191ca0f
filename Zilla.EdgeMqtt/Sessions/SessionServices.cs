using Microsoft.Extensions.DependencyInjection.Extensions;
using Zilla.EdgeMqtt.Sessions.Owners;

namespace Zilla.EdgeMqtt.Sessions;

internal static class SessionServices
{
    /// <summary>Adds <see cref="ISessions"/>: sessions at their owners among the replicas of the cache. The cache's client is the edge's to add.</summary>
    public static IServiceCollection AddRemoteSessions(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => provider.GetRequiredService<IConfiguration>().GetSection(SessionsOptions.Section).Get<SessionsOptions>() ?? new());
        services.TryAddSingleton<OwnerFeeds>();
        services.TryAddSingleton<ISessionOwners, CacheOwners>();
        services.TryAddSingleton<ISessions, RemoteSessions>();
        return services;
    }
}
