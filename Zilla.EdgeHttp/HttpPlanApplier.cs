using Zilla.Config.Plans;
using Zilla.Edge.Listeners;
using Zilla.Edge.Plans;
using Zilla.Edge.Tls;
using Zilla.EdgeHttp.Server;

namespace Zilla.EdgeHttp;

internal sealed class HttpPlanApplier(EdgeState<GatewayModel> state, ListenerSet listeners, TlsState tls, GatewayParts parts) : EdgePlanApplier<GatewayModel>(state, listeners, tls)
{
    protected override GatewayModel Compile(ServicePlan plan) => new GatewayCompiler(plan, parts).Compile();
}
