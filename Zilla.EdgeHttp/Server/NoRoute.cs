namespace Zilla.EdgeHttp.Server;

internal static class NoRoute
{
    /// <summary>404, wherever in the graph of bindings a request finds no way on.</summary>
    public static Task RejectAsync(Exchange exchange) =>
        exchange.RejectAsync(StatusCodes.Status404NotFound, $"No route takes {exchange.Request.Method} {exchange.Path}.");
}
