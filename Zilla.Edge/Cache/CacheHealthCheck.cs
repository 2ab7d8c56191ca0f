using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Zilla.Edge.Cache;

internal sealed class CacheHealthCheck(CacheClient cache) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var replicas = cache.Replicas;
        var connected = replicas.Count(r => r.IsConnected);
        var description = $"{connected} of {replicas.Count} cache replicas connected";
        return Task.FromResult(connected == 0 ? HealthCheckResult.Unhealthy(description)
            : connected < replicas.Count ? HealthCheckResult.Degraded(description)
            : HealthCheckResult.Healthy(description));
    }
}
