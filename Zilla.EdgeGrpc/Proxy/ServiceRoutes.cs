using Zilla.Edge.Http;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.Server;

namespace Zilla.EdgeGrpc.Proxy;

/// <summary>The routes of an http client with their ways to services, and last its exit, if it has one.</summary>
internal sealed class ServiceRoutes(IReadOnlyList<ServiceWay> ways) : ICallRoutes
{
    public ICallHandler? Route(Call call)
    {
        foreach (var way in ways)
        {
            if (way.When?.Matches(call.Exchange) ?? true)
            {
                return way.Service;
            }
        }

        return null;
    }

    public IEnumerable<ICallHandler> HandlersOf(string method) => ways.Where(way => way.When?.MayTake($"/{method}") ?? true).Select(way => way.Service);

    public bool Admits(Exchange exchange) => true;
}

/// <summary>No condition: every call.</summary>
internal sealed record ServiceWay(HttpConditionModel? When, ProxyHandler Service);
