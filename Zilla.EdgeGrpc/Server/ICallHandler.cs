using Zilla.Edge.Calls;
using Zilla.EdgeGrpc.Calls;

namespace Zilla.EdgeGrpc.Server;

/// <summary>What a call comes to in the end.</summary>
internal interface ICallHandler
{
    /// <summary>Serves the call and gives its status; what it throws becomes one.</summary>
    Task<Status> HandleAsync(Call call);

    /// <summary>Whether a call could be served now, for health checks; true where nothing else is needed.</summary>
    Task<bool> IsReachableAsync(CancellationToken cancellationToken) => Task.FromResult(true);
}

/// <summary>A binding that calls are routed through.</summary>
internal interface ICallRoutes
{
    /// <summary>Null: it has no route for the call, or none that the client may take.</summary>
    ICallHandler? Route(Call call);

    /// <summary>All that calls of a method (<c>package.Service/Method</c>) may come to, whatever their metadata and their client.</summary>
    IEnumerable<ICallHandler> HandlersOf(string method);

    /// <summary>Whether there is any route that a client may take.</summary>
    bool Admits(Zilla.Edge.Http.Exchange exchange);
}
