using Microsoft.Extensions.DependencyInjection.Extensions;
using Zilla.Config.Bindings;
using Zilla.Config.Plans;
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
        services.AddPlanFollower(static (provider, plan) => _ = provider.GetRequiredService<OwnerFeeds>().KeepOnlyAsync(SpacesOf(plan)));
        return services;
    }

    /// <summary>Of all mqtt-kafka bindings that lead to a cluster.</summary>
    private static HashSet<SessionSpace> SpacesOf(ServicePlan plan) =>
    [
        .. from binding in plan.Bindings.OfType<MqttKafkaBinding>()
           let cluster = plan.Clusters.GetValueOrDefault(binding.Exit ?? binding.Routes.Select(route => route.Exit).FirstOrDefault() ?? "")
           where cluster is not null
           select new SessionSpace(cluster, binding.Topics.Sessions),
    ];
}
