using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Zilla.Control.Publishing;

/// <summary>Unhealthy while nothing is in force, degraded while something is and the source says something that cannot be.</summary>
internal sealed class PublicationHealthCheck(PublicationHolder holder) : IHealthCheck
{
    private const int MostErrors = 20;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var current = holder.Current;
        return Task.FromResult(current switch
        {
            { Published: null } => HealthCheckResult.Unhealthy(Describe(current)),
            { Published.Revision: var revision, Problem: not null } => HealthCheckResult.Degraded($"revision {revision} is in force; {Describe(current)}"),
            { Published.Revision: var revision } => HealthCheckResult.Healthy($"revision {revision} is in force"),
        });
    }

    private static string Describe(Publication publication) => publication.Errors.Count <= 1
        ? publication.Problem ?? ""
        : string.Join("; ", publication.Errors.Take(MostErrors).Select(error => $"{error.Line}:{error.Column}: {error.Message}"));
}
