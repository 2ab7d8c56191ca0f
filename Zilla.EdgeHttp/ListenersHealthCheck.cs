using System.Net;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Zilla.Edge.Http;
using Zilla.Edge.Listeners;
using Zilla.Edge.Plans;
using Zilla.Edge.Tls;

namespace Zilla.EdgeHttp;

/// <summary>Says where clients find this edge, so that the AppHost and its dashboard can show it.</summary>
internal sealed class ListenersHealthCheck(ListenerSet listeners, TlsState tls, EdgeState<GatewayModel> state) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var urls = listeners.Bindings.OrderBy(b => b.EndPoint.Port).Select(b => UrlOf(b.EndPoint, b.Binding)).ToList();
        return Task.FromResult(HealthCheckResult.Healthy($"{urls.Count} listening", new Dictionary<string, object> { [ServiceDefaultsExtensions.UrlsData] = urls }));
    }

    private string UrlOf(IPEndPoint endPoint, string binding)
    {
        var scheme = tls.Current.IsTls(binding, endPoint.Port) ? "https" : state.Current.IsEcho(binding, endPoint.Port) ? "tcp" : "http";
        return $"{scheme}://{endPoint}";
    }
}
