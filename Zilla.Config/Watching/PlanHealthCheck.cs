using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Zilla.Config.Watching;

internal sealed class PlanHealthCheck(PlanProgress progress) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(progress.Status switch
    {
        { Applied: null, RefusedRevision: { } refused, Reason: var reason } => HealthCheckResult.Unhealthy($"plan {refused} is refused: {reason}"),
        { Applied: null, Reason: var reason } => HealthCheckResult.Unhealthy(reason ?? "no plan yet"),
        { Applied.Plan.Revision: var revision, RefusedRevision: { } refused, Reason: var reason } =>
            HealthCheckResult.Degraded($"plan {revision} is in force; plan {refused} is refused: {reason}"),
        { Applied.Plan.Revision: var revision } => HealthCheckResult.Healthy($"plan {revision} is in force"),
    });
}
