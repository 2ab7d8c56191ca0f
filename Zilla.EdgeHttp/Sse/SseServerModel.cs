using Zilla.Config.Bindings;
using Zilla.Edge.Http;
using Zilla.Edge.Http.Guards;
using Zilla.Edge.Routing;

namespace Zilla.EdgeHttp.Sse;

/// <summary>An sse server binding, compiled (reference §2.7, §4.2): checks the request, finds the last event id, routes by path without query.</summary>
internal sealed class SseServerModel(SseServerBinding binding, IReadOnlyList<SseRouteModel> routes, ISseSource? otherwise, HttpEdgeOptions options, OpenStreams streams) : IExchangeHandler
{
    public const string EventStream = "text/event-stream";

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

        var path = PathOf(exchange);
        if (Route(exchange, path) is not { } source || OriginOf(exchange) is not { } origin)
        {
            await NoRoute.RejectAsync(exchange);
            return;
        }

        if (exchange.Admission is { } admission && !await admission.AdmitsStreamAsync(exchange))
        {
            return;
        }

        using var open = streams.Open(exchange, origin);
        if (!await source.ServeAsync(exchange, new SseRequest(path, id, binding.Retry, WantsTimestamps(exchange.Request), open.Rerouted)))
        {
            await NoRoute.RejectAsync(exchange);
        }
    }

    public SseOrigin? OriginOf(Exchange exchange)
    {
        var path = PathOf(exchange);
        return Route(exchange, path)?.IdentityOf(exchange, path) is { } route ? new SseOrigin(route, binding.Retry) : null;
    }

    private static string PathOf(Exchange exchange) => exchange.Path.IndexOf('?') is var query and >= 0 ? exchange.Path[..query] : exchange.Path;

    /// <summary><c>Accept: text/event-stream;ext=timestamp</c>.</summary>
    private static bool WantsTimestamps(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals(EventStream, StringComparison.OrdinalIgnoreCase)
            && type.Parameters.Any(p => p.Name.Equals("ext", StringComparison.OrdinalIgnoreCase) && p.Value.Equals("timestamp", StringComparison.OrdinalIgnoreCase)));

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

/// <summary>What a client asks for: the path without its query, where it stopped, and whether it wants to know when records were written.</summary>
/// <param name="Path">Without the query.</param>
/// <param name="LastEventId">Null: from the beginning.</param>
/// <param name="Retry">What the client is told.</param>
/// <param name="Timestamps">Has each event say when its record was written.</param>
/// <param name="Rerouted">The configuration has changed: the stream is to end after the event that is being written.</param>
internal sealed record SseRequest(string Path, string? LastEventId, TimeSpan Retry, bool Timestamps, CancellationToken Rerouted);

/// <summary>Where an sse server's events come from.</summary>
internal interface ISseSource
{
    /// <summary>Streams events until the client or the source is done. False: no route takes the path; nothing has been sent.</summary>
    Task<bool> ServeAsync(Exchange exchange, SseRequest request);

    /// <summary>What tells the route that takes the path from any other; null: none does.</summary>
    string? IdentityOf(Exchange exchange, string path);
}
