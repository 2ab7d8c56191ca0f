using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using Zilla.Edge;
using Zilla.Edge.Handover;
using Zilla.Edge.Http;

namespace Zilla.EdgeHttp.Handover;

/// <summary>An exit to a grpc server: hands the request over to an instance of the gRPC edge, and its answer back, piece by piece, trailers included.</summary>
internal sealed class GrpcHandover(string server, GrpcEdge edge) : IExchangeHandler
{
    private static readonly HashSet<string> OfConnection = new(StringComparer.OrdinalIgnoreCase)
    {
        "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "http2-settings", "host", "content-length", "authorization", "traceparent", "tracestate", HandedOver.Header, "date", "server",
    };

    public async Task HandleAsync(Exchange exchange)
    {
        var request = exchange.Request;
        if (IsGrpc(request) && !HttpProtocol.IsHttp2(request.Protocol))
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
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(exchange.Aborted, exchange.Listener.Closing);
        try
        {
            using var response = await SendAsync(exchange, handed, ended.Token);
            await AnswerAsync(exchange, response, ended.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !exchange.Aborted.IsCancellationRequested)
        {
            await BreakAsync(exchange, e is OperationCanceledException ? "The gateway is going away." : $"The gRPC edge cannot be reached: {e.Message}");
        }
    }

    private static bool IsGrpc(HttpRequest request) =>
        request.ContentType is { } type && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) && !type.StartsWith("application/grpc-web", StringComparison.OrdinalIgnoreCase);

    private string Describe(Exchange exchange) => new HandedOver
    {
        Exit = server,
        Scheme = exchange.Request.Scheme,
        Host = exchange.Request.Host.Value ?? "",
        Address = exchange.Context.Connection.RemoteIpAddress?.ToString(),
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

    private static async Task AnswerAsync(Exchange exchange, HttpResponseMessage from, CancellationToken cancellationToken)
    {
        var response = exchange.Response;
        response.StatusCode = (int)from.StatusCode;
        foreach (var (name, values) in from.Headers.NonValidated.Concat(from.Content.Headers.NonValidated))
        {
            if (!OfConnection.Contains(name))
            {
                response.Headers.Append(name, values.ToArray());
            }
        }

        var reader = PipeReader.Create(await from.Content.ReadAsStreamAsync(cancellationToken), new StreamPipeReaderOptions(bufferSize: 16 << 10, useZeroByteReads: true));
        var writer = response.BodyWriter;
        while (true)
        {
            var reading = reader.ReadAsync(cancellationToken);
            if (!reading.IsCompleted && !response.HasStarted && HttpProtocol.IsHttp2(exchange.Request.Protocol) && from.Headers.NonValidated.Contains("grpc-accept-encoding"))
            {
                // Metadata that are there before the first message are for the client to see.
                await writer.FlushAsync(cancellationToken);
            }

            var read = await reading;
            foreach (var piece in read.Buffer)
            {
                await writer.WriteAsync(piece, cancellationToken);
            }

            exchange.BytesSent += read.Buffer.Length;
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                break;
            }
        }

        await reader.CompleteAsync();
        if (response.SupportsTrailers())
        {
            foreach (var (name, values) in from.TrailingHeaders.NonValidated)
            {
                response.AppendTrailer(name, values.ToArray());
            }
        }
    }

    /// <summary>Ends what cannot go on: a call of gRPC's with the status UNAVAILABLE, however far it is.</summary>
    private static async Task BreakAsync(Exchange exchange, string reason)
    {
        const string Unavailable = "14";
        var response = exchange.Response;
        if (!IsGrpc(exchange.Request))
        {
            response.Headers.RetryAfter = response.HasStarted ? default : "1";
            await exchange.RejectAsync(StatusCodes.Status503ServiceUnavailable, reason);
        }
        else if (response.HasStarted)
        {
            response.AppendTrailer("grpc-status", Unavailable);
            response.AppendTrailer("grpc-message", Uri.EscapeDataString(reason));
        }
        else
        {
            response.Clear();
            response.ContentType = "application/grpc";
            response.Headers["grpc-status"] = Unavailable;
            response.Headers["grpc-message"] = Uri.EscapeDataString(reason);
        }
    }
}
