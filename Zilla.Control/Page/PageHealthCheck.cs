using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Zilla.Control.Page;

/// <summary>Says where the page is, so that the AppHost and its dashboard can show it.</summary>
internal sealed class PageHealthCheck(IConfiguration configuration) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // A port of the system's choice is known to nobody who asks this way.
        string[] urls = Uri.TryCreate(configuration["Kestrel:Endpoints:Http:Url"], UriKind.Absolute, out var url) && url.Port > 0 ? [url.ToString()] : [];
        return Task.FromResult(HealthCheckResult.Healthy(null, new Dictionary<string, object> { [ServiceDefaultsExtensions.UrlsData] = urls }));
    }
}
