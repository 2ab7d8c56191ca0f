using Zilla.EdgeGrpc.Calls;

namespace Zilla.EdgeGrpc.Server;

/// <summary>What a call comes to in the end.</summary>
internal interface ICallHandler
{
    /// <summary>Serves the call and gives its status; what it throws becomes one.</summary>
    Task<Messages.Status> HandleAsync(Call call);
}

/// <summary>A binding that calls are routed through.</summary>
internal interface ICallRoutes
{
    /// <summary>Null: it has no route for the call, or none that the client may take.</summary>
    ICallHandler? Route(Call call);
}
