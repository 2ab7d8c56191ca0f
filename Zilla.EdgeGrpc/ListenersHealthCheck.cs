using Microsoft.Extensions.Diagnostics.HealthChecks;
using Zilla.Edge.Listeners;
using Zilla.Edge.Tls;

namespace Zilla.EdgeGrpc;

/// <summary>Says where clients find this edge, so that the AppHost and its dashboard can show it.</summary>
internal sealed class ListenersHealthCheck(ListenerSet listeners, TlsState tls) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var urls = listeners.Bindings.OrderBy(b => b.EndPoint.Port).Select(b => $"{(tls.Current.IsTls(b.Binding, b.EndPoint.Port) ? "https" : "http")}://{b.EndPoint}").ToList();
        return Task.FromResult(HealthCheckResult.Healthy($"{urls.Count} listening", new Dictionary<string, object> { [ServiceDefaultsExtensions.UrlsData] = urls }));
    }
}
