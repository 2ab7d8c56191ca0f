using Zilla.Edge.Http;
using Zilla.Edge.Http.Guards;
using Zilla.EdgeGrpc.Calls;

namespace Zilla.EdgeGrpc.Server;

/// <summary>The routes of a grpc server or client, and its exit for what none of them takes.</summary>
internal sealed class CallRoutes(CallRoute[] routes, ICallRoutes? otherwise) : ICallRoutes
{
    public ICallHandler? Route(Call call)
    {
        foreach (var route in routes)
        {
            if (route.Takes(call))
            {
                return route.Exit.Route(call);
            }
        }

        return otherwise?.Route(call);
    }

    public IEnumerable<ICallHandler> HandlersOf(string method) =>
        routes.Where(route => route.MayTake(method)).SelectMany(route => route.Exit.HandlersOf(method)).Concat(otherwise?.HandlersOf(method) ?? []);

    public bool Admits(Exchange exchange) => routes.Any(route => route.Guard.Admits(exchange) && route.Exit.Admits(exchange)) || otherwise?.Admits(exchange) == true;
}

/// <summary>A route of a grpc server or client.</summary>
internal sealed record CallRoute(RouteGuard Guard, IReadOnlyList<CallCondition> When, ICallRoutes Exit)
{
    public bool Takes(Call call) => CallCondition.Any(When, call) && Guard.AdmitsMatching(call.Exchange);

    public bool MayTake(string method) => When.Count == 0 || When.Any(condition => condition.Matches(method));
}
