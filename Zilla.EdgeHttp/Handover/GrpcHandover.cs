using System.Diagnostics;
using System.Net;
using Zilla.Edge;
using Zilla.Edge.Calls;
using Zilla.Edge.Handover;
using Zilla.Edge.Http;

namespace Zilla.EdgeHttp.Handover;

/// <summary>An exit to a grpc server: hands the request over to an instance of the gRPC edge, and its answer back, piece by piece, trailers included.</summary>
internal sealed class GrpcHandover(string server, GrpcEdge edge) : IExchangeHandler
{
    /// <summary>What does not go on, either way: it is the connection's, or said anew.</summary>
    internal static readonly HashSet<string> OfConnection = new(StringComparer.OrdinalIgnoreCase)
    {
        "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "http2-settings", "host", "content-length", "authorization", "traceparent", "tracestate", HandedOver.Header, "date", "server",
    };

    public async Task HandleAsync(Exchange exchange)
    {
        var request = exchange.Request;
        if (ContentType.FormOf(request.ContentType) == CallForm.Grpc && !HttpProtocol.IsHttp2(request.Protocol))
        {
            await exchange.RejectAsync(StatusCodes.Status400BadRequest, "gRPC needs HTTP/2 and 'te: trailers'.");
            return;
        }

        if (!HttpMethods.IsPost(request.Method))
        {
            exchange.Response.Headers.Allow = HttpMethods.Post;
            await exchange.RejectAsync(StatusCodes.Status405MethodNotAllowed, "Methods are called with POST.");
            return;
        }

        // What the routes here have judged has to be what is called there, and there is where it goes to.
        if (exchange.Path is not ['/', .. var name] || !MethodName.IsSound(name))
        {
            await exchange.RejectAsync(StatusCodes.Status404NotFound, $"{server} has no such method.");
            return;
        }

        var handed = Describe(exchange);
        if (handed.Length > HandedOver.Longest)
        {
            await exchange.RejectAsync(StatusCodes.Status431RequestHeaderFieldsTooLarge, "The headers, and what the credentials say, are too large.");
            return;
        }

        // Each of its messages has limits of its own there.
        BodyLimits.LiftRequestSize(exchange);
        BodyLimits.LiftRequestRate(exchange);
        BodyLimits.LiftResponseRate(exchange);
        var answer = new HandoverAnswer(exchange);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(exchange.Aborted, exchange.Listener.Closing);
        try
        {
            using var response = await SendAsync(exchange, handed, ended.Token);
            await answer.PassOnAsync(response, ended.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !exchange.Aborted.IsCancellationRequested)
        {
            await answer.BreakAsync(e switch
            {
                OperationCanceledException => "The gateway is going away.",
                HttpRequestException => $"The gRPC edge cannot be reached: {e.Message}",
                _ => $"The gRPC edge has gone away: {e.Message}",
            });
        }
    }

    private string Describe(Exchange exchange) => new HandedOver
    {
        Exit = server,
        Scheme = exchange.Request.Scheme,
        Host = exchange.Request.Host.Value ?? "",
        Address = exchange.Context.Connection.RemoteIpAddress?.ToString(),
        Connection = exchange.Context.Connection.Id,
        Authorization = exchange.Request.Headers.Authorization is [{ } shown, ..] ? shown : null,
        Standing = exchange.Standing,
        Grants = [.. exchange.Grants.All.Select(HandedGrant.Of)],
    }.Encode();

    /// <summary>Another instance is tried while none has had any of the body.</summary>
    private async Task<HttpResponseMessage> SendAsync(Exchange exchange, string handed, CancellationToken cancellationToken)
    {
        using var activity = EdgeTelemetry.Activities.HasListeners() ? EdgeTelemetry.Activities.StartActivity($"hand over to {server}", ActivityKind.Client) : null;
        var failure = new HttpRequestException("no instance is known");
        foreach (var instance in await edge.Instances.OrderAsync(cancellationToken))
        {
            using var body = new HandoverBody(exchange);
            try
            {
                return await edge.Connections.SendAsync(Request(exchange, instance, body, handed), cancellationToken);
            }
            catch (HttpRequestException e) when (!body.IsUsed)
            {
                edge.Instances.Failed(instance);
                failure = e;
            }
        }

        throw failure;
    }

    private static HttpRequestMessage Request(Exchange exchange, Uri instance, HandoverBody body, string handed)
    {
        var request = new HttpRequestMessage(new HttpMethod(exchange.Request.Method), new Uri(instance, exchange.Path)) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = body };
        foreach (var (name, values) in exchange.Request.Headers)
        {
            if (!OfConnection.Contains(name) && !name.StartsWith(':') && !request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                body.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        request.Headers.TryAddWithoutValidation(HandedOver.Header, handed);
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } current)
        {
            request.Headers.TryAddWithoutValidation("traceparent", id);
            if (current.TraceStateString is { Length: > 0 } state)
            {
                request.Headers.TryAddWithoutValidation("tracestate", state);
            }
        }

        return request;
    }
}
