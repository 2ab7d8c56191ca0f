using Zilla.Edge.Http;
using Zilla.Edge.Http.Guards;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.Server;

namespace Zilla.EdgeGrpc.GrpcKafka;

/// <summary>A grpc-kafka binding, compiled: the first route that takes a call serves it.</summary>
internal sealed class GrpcKafkaModel(GrpcKafkaRouteModel[] routes) : ICallRoutes
{
    public ICallHandler? Route(Call call)
    {
        foreach (var route in routes)
        {
            if (CallCondition.Any(route.When, call) && route.Guard.AdmitsMatching(call.Exchange))
            {
                return route.Handler;
            }
        }

        return null;
    }

    public IEnumerable<ICallHandler> HandlersOf(string method) => routes.Where(route => route.When.Count == 0 || route.When.Any(condition => condition.Matches(method))).Select(route => route.Handler);

    public bool Admits(Exchange exchange) => routes.Any(route => route.Guard.Admits(exchange));
}

/// <summary>Without conditions it takes every call.</summary>
internal sealed record GrpcKafkaRouteModel(RouteGuard Guard, IReadOnlyList<CallCondition> When, ICallHandler Handler);
