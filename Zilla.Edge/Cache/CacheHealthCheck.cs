using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Zilla.Edge.Cache;

internal sealed class CacheHealthCheck(CacheClient cache) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var connected = cache.Replicas.Count(r => r.IsConnected);
        var description = $"{connected} of {cache.Replicas.Count} cache replicas connected";
        return Task.FromResult(connected == 0 ? HealthCheckResult.Unhealthy(description)
            : connected < cache.Replicas.Count ? HealthCheckResult.Degraded(description)
            : HealthCheckResult.Healthy(description));
    }
}
