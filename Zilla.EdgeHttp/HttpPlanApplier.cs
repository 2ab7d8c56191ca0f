using Zilla.Config.Plans;
using Zilla.Edge.Http;
using Zilla.Edge.Listeners;
using Zilla.Edge.Plans;
using Zilla.Edge.Proxy;
using Zilla.Edge.Tls;
using Zilla.EdgeHttp.Server;

namespace Zilla.EdgeHttp;

internal sealed class HttpPlanApplier(EdgeState<GatewayModel> state, ListenerSet listeners, EdgeState<ProxyModel> proxy, TlsState tls, HttpGatewayParts parts)
    : EdgePlanApplier<GatewayModel>(state, listeners, proxy, tls)
{
    protected override GatewayModel Compile(ServicePlan plan) => new HttpGatewayCompiler(plan, parts).Compile();
}
