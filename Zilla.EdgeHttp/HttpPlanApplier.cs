using Zilla.Config.Plans;
using Zilla.Edge.Listeners;
using Zilla.Edge.Plans;
using Zilla.EdgeHttp.Server;

namespace Zilla.EdgeHttp;

internal sealed class HttpPlanApplier(EdgeState<GatewayModel> state, ListenerSet listeners, GatewayParts parts) : EdgePlanApplier<GatewayModel>(state, listeners)
{
    protected override GatewayModel Compile(ServicePlan plan) => new GatewayCompiler(plan, parts).Compile();
}
