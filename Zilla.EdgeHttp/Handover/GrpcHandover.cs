using System.Diagnostics;
using Zilla.Edge;
using Zilla.Edge.Calls;
using Zilla.Edge.Handover;
using Zilla.Edge.Http;

namespace Zilla.EdgeHttp.Handover;

/// <summary>An exit to a grpc server: hands the request over to an instance of the gRPC edge, and its answer back, piece by piece, trailers included.</summary>
internal sealed class GrpcHandover(string server, GrpcEdge edge) : IExchangeHandler
{
    private const string TooLarge = "The headers, and what the credentials say, are too large.";

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
            await exchange.RejectAsync(StatusCodes.Status431RequestHeaderFieldsTooLarge, TooLarge);
            return;
        }

        // Each of its messages has limits of its own there.
        BodyLimits.LiftRequestSize(exchange);
        BodyLimits.LiftRequestRate(exchange);
        BodyLimits.LiftResponseRate(exchange);
        await HandOverAsync(exchange, handed);
    }

    private async Task HandOverAsync(Exchange exchange, string handed)
    {
        var answer = new HandoverAnswer(exchange);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(exchange.Aborted, exchange.Listener.Closing);
        using var body = new HandoverBody(exchange);
        try
        {
            using var response = await SendAsync(exchange, handed, body, ended.Token);
            await (response is not null ? answer.PassOnAsync(response, ended.Token) : exchange.RejectAsync(StatusCodes.Status431RequestHeaderFieldsTooLarge, TooLarge));
        }
        catch (Exception) when (body.Failure is BadHttpRequestException unfit)
        {
            await answer.RejectAsync(unfit.StatusCode, unfit.Message);
        }
        catch (Exception) when (body.Failure is not null)
        {
            // The client has gone, within its body.
            exchange.Context.Abort();
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
        finally
        {
            await ended.CancelAsync();
            await body.EndAsync();
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

    /// <summary>Another instance is tried while none has had any of the body. Null: the head is larger than instances take.</summary>
    private async Task<HttpResponseMessage?> SendAsync(Exchange exchange, string handed, HandoverBody body, CancellationToken cancellationToken)
    {
        using var activity = EdgeTelemetry.Activities.HasListeners() ? EdgeTelemetry.Activities.StartActivity($"hand over to {server}", ActivityKind.Client) : null;
        var failure = new HttpRequestException("no instance is known");
        foreach (var instance in await edge.Instances.OrderAsync(cancellationToken))
        {
            var request = HandoverRequest.Of(exchange, instance, body, handed);
            if (!edge.Limits.Admit(request))
            {
                return null;
            }

            try
            {
                return await edge.Connections.SendAsync(request, cancellationToken);
            }
            catch (Exception e) when (!body.IsUsed && body.Failure is null && Unreachable(e) is { } unreachable)
            {
                edge.Instances.Failed(instance);
                await body.EndAsync();
                failure = unreachable;
            }
        }

        throw failure;
    }

    /// <summary>A connection that does not come about in time is told as a cancellation that nobody asked for.</summary>
    private static HttpRequestException? Unreachable(Exception e) => e switch
    {
        HttpRequestException unreachable => unreachable,
        OperationCanceledException { InnerException: TimeoutException late } => new(late.Message, late),
        _ => null,
    };
}
