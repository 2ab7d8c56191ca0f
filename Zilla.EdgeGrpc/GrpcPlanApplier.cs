using Zilla.Config.Plans;
using Zilla.Edge.Http;
using Zilla.Edge.Listeners;
using Zilla.Edge.Plans;
using Zilla.Edge.Proxy;
using Zilla.Edge.Tls;
using Zilla.EdgeGrpc.KafkaGrpc;
using Zilla.EdgeGrpc.Server;

namespace Zilla.EdgeGrpc;

internal sealed class GrpcPlanApplier(EdgeState<GatewayModel> state, ListenerSet listeners, EdgeState<ProxyModel> proxy, TlsState tls, GrpcGatewayParts parts, RemoteCalls remote)
    : EdgePlanApplier<GatewayModel>(state, listeners, proxy, tls)
{
    protected override GatewayModel Compile(ServicePlan plan)
    {
        var compiler = new GrpcGatewayCompiler(plan, parts);
        var model = compiler.Compile();
        remote.Prepare(model, compiler.RemoteCalls());
        return model;
    }
}
