using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Zilla.KafkaCache.Sessions.Ownership;

namespace Zilla.KafkaCache.Clusters;

/// <summary>A health check per cluster, <c>kafka:&lt;name&gt;</c>. Clusters come and go with the plan, so the list of checks is made for every report.</summary>
internal sealed class ClusterHealth(IOptionsFactory<HealthCheckServiceOptions> configured, ClusterRegistry clusters) : IOptions<HealthCheckServiceOptions>
{
    public HealthCheckServiceOptions Value
    {
        get
        {
            var options = configured.Create(Options.DefaultName);
            foreach (var cluster in clusters.All)
            {
                options.Registrations.Add(new($"kafka:{cluster.Name}", new Check(cluster), HealthStatus.Unhealthy, []));
                foreach (var sessions in cluster.Sessions.Values.OfType<KafkaSessionDirectory>())
                {
                    options.Registrations.Add(new($"sessions:{cluster.Name}/{sessions.Topic}", new SessionsCheck(sessions), HealthStatus.Degraded, []));
                }
            }

            return options;
        }
    }

    /// <summary>Degraded at worst: what else the replica serves does not depend on it.</summary>
    private sealed class SessionsCheck(KafkaSessionDirectory sessions) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult((sessions.Problem?.Message ?? sessions.Concern) is { } problem ? HealthCheckResult.Degraded(problem)
                : HealthCheckResult.Healthy($"owns {sessions.Owned} of {sessions.Partitions} partitions"));
    }

    private sealed class Check(Cluster cluster) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(cluster.State.Problem is { } problem ? HealthCheckResult.Unhealthy(problem) : HealthCheckResult.Healthy(Describe()));

        private string Describe()
        {
            var topics = cluster.Topics.Topics;
            return $"{topics.Count(topic => topic.Hydrated)} of {topics.Count} topics hydrated";
        }
    }
}
