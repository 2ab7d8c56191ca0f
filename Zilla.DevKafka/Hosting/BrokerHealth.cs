using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Zilla.DevKafka.Hosting;

/// <summary>Ready once clients are accepted.</summary>
internal sealed class BrokerHealth(BrokerService broker) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(broker.Port is { } port ? HealthCheckResult.Healthy($"listens on port {port}") : HealthCheckResult.Unhealthy("not started"));
}
