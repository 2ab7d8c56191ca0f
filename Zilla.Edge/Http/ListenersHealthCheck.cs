using Microsoft.Extensions.Diagnostics.HealthChecks;
using Zilla.Edge.Listeners;
using Zilla.Edge.Plans;
using Zilla.Edge.Tls;

namespace Zilla.Edge.Http;

/// <summary>Says where clients find an edge, so that the AppHost and its dashboard can show it.</summary>
/// <param name="data">The key of <see cref="HealthCheckResult.Data"/> under which addresses are looked for.</param>
/// <param name="scheme">Of an address.</param>
/// <param name="listeners">What is listened on.</param>
/// <param name="tls">Whether with TLS.</param>
/// <param name="state">What it leads to.</param>
internal sealed class ListenersHealthCheck(string data, SchemeOf scheme, ListenerSet listeners, TlsState tls, EdgeState<GatewayModel> state) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var urls = listeners.Bindings.OrderBy(b => b.EndPoint.Port)
            .Select(b => $"{(b.Binding == MetricsListener.Binding ? "http" : scheme(state.Current, b.Binding, b.EndPoint.Port, tls.Current.IsTls(b.Binding, b.EndPoint.Port)))}://{b.EndPoint}").ToList();
        return Task.FromResult(HealthCheckResult.Healthy($"{urls.Count} listening", new Dictionary<string, object> { [data] = urls }));
    }
}

/// <summary>The scheme of the URLs that clients of a port use.</summary>
/// <param name="model">What the edge does at present.</param>
/// <param name="binding">The port's tcp server binding.</param>
/// <param name="port">The port.</param>
/// <param name="isTls">Whether a tls server follows.</param>
public delegate string SchemeOf(GatewayModel model, string binding, int port, bool isTls);
