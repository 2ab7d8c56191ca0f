using Zilla.Config.Plans;
using Zilla.Edge.Http;
using Zilla.Edge.Listeners;
using Zilla.Edge.Plans;
using Zilla.Edge.Proxy;
using Zilla.Edge.Tls;
using Zilla.EdgeMqtt.Server;

namespace Zilla.EdgeMqtt;

internal sealed class MqttPlanApplier(EdgeState<GatewayModel> state, ListenerSet listeners, EdgeState<ProxyModel> proxy, TlsState tls, MqttParts parts)
    : EdgePlanApplier<GatewayModel>(state, listeners, proxy, tls)
{
    protected override GatewayModel Compile(ServicePlan plan) => new MqttCompiler(plan, parts).Compile();
}
