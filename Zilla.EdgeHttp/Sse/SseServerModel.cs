using Zilla.Config.Bindings;
using Zilla.Edge.Routing;
using Zilla.EdgeHttp.Guards;
using Zilla.EdgeHttp.Server;

namespace Zilla.EdgeHttp.Sse;

/// <summary>An sse server binding, compiled (reference §2.7, §4.2): checks the request, finds the last event id, routes by path without query.</summary>
internal sealed class SseServerModel(SseServerBinding binding, IReadOnlyList<SseRouteModel> routes, ISseSource? otherwise, HttpEdgeOptions options) : IExchangeHandler
{
    private const string LastEventIdParameter = "lastEventId";

    public async Task HandleAsync(Exchange exchange)
    {
        if (!HttpMethods.IsGet(exchange.Request.Method))
        {
            exchange.Response.Headers.Allow = HttpMethods.Get;
            await exchange.RejectAsync(StatusCodes.Status405MethodNotAllowed, "Events are read with GET.");
            return;
        }

        var id = LastEventId(exchange.Request);
        if (id?.Length > options.MaxLastEventIdLength)
        {
            await exchange.RejectAsync(StatusCodes.Status400BadRequest, $"The last event id is longer than {options.MaxLastEventIdLength} characters.");
            return;
        }

        var query = exchange.Path.IndexOf('?');
        var request = new SseRequest(query < 0 ? exchange.Path : exchange.Path[..query], id, binding.Retry);
        if (!await (Route(exchange, request.Path)?.ServeAsync(exchange, request) ?? Task.FromResult(false)))
        {
            await NoRoute.RejectAsync(exchange);
        }
    }

    private static string? LastEventId(HttpRequest request) =>
        request.Headers["Last-Event-ID"] is [{ Length: > 0 } header, ..] ? header
        : request.Query[LastEventIdParameter] is [{ Length: > 0 } parameter, ..] ? parameter
        : null;

    private ISseSource? Route(Exchange exchange, string path)
    {
        foreach (var route in routes)
        {
            if (route.Guard.Admits(exchange) && (route.Paths.Count == 0 || route.Paths.Any(p => p.IsMatch(path))))
            {
                return route.Exit;
            }
        }

        return otherwise;
    }
}

/// <summary>No paths: always.</summary>
internal sealed record SseRouteModel(RouteGuard Guard, IReadOnlyList<PathPattern> Paths, ISseSource Exit);

/// <summary>What a client asks for: the path without its query, and where it stopped.</summary>
internal sealed record SseRequest(string Path, string? LastEventId, TimeSpan Retry);

/// <summary>Where an sse server's events come from.</summary>
internal interface ISseSource
{
    /// <summary>Streams events until the client or the source is done. False: no route takes the path; nothing has been sent.</summary>
    Task<bool> ServeAsync(Exchange exchange, SseRequest request);
}
