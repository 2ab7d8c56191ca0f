using System.Net;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Zilla.Edge.Listeners;

namespace Zilla.EdgeHttp;

/// <summary>Says where clients find this edge, so that the AppHost and its dashboard can show it.</summary>
internal sealed class ListenersHealthCheck(ListenerSet listeners) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var urls = listeners.EndPoints.OrderBy(e => e.Port).Select(UrlOf).ToList();
        return Task.FromResult(HealthCheckResult.Healthy($"{urls.Count} listening", new Dictionary<string, object> { [ServiceDefaultsExtensions.UrlsData] = urls }));
    }

    private static string UrlOf(IPEndPoint endPoint) => $"http://{endPoint}";
}
