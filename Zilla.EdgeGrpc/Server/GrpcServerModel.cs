using System.IO.Pipelines;
using Google.Protobuf.Reflection;
using Zilla.Edge.Calls;
using Zilla.Edge.Http;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.Json;
using Zilla.EdgeGrpc.Messages;
using Zilla.EdgeGrpc.Schemas;
using Zilla.Streams;

namespace Zilla.EdgeGrpc.Server;

/// <summary>A grpc server binding, compiled: takes requests as calls of the methods that its <c>.proto</c> files have.</summary>
internal sealed class GrpcServerModel(
    string name, ServiceSchema schema, int maximum, CallRoutes routes, IReadOnlyDictionary<string, ICallHandler> own, MessageBudget budget,
    GrpcMetrics metrics, TimeProvider time, ILogger logger) : IExchangeHandler
{
    private readonly MessageJson _json = new(schema);

    public Task HandleAsync(Exchange exchange)
    {
        var request = exchange.Request;
        if (!HttpMethods.IsPost(request.Method))
        {
            exchange.Response.Headers.Allow = HttpMethods.Post;
            return exchange.RejectAsync(StatusCodes.Status405MethodNotAllowed, "Methods are called with POST.");
        }

        if (!ContentType.TryParse(request.ContentType, out var form))
        {
            return exchange.RejectAsync(StatusCodes.Status415UnsupportedMediaType, "Calls are of type application/grpc, application/grpc-web, application/grpc-web-text or application/json.");
        }

        if (form == CallForm.Grpc && !(HttpProtocol.IsHttp2(request.Protocol) && request.Headers.TE.Contains("trailers", StringComparer.OrdinalIgnoreCase)))
        {
            return exchange.RejectAsync(StatusCodes.Status400BadRequest, "gRPC needs HTTP/2 and 'te: trailers'.");
        }

        if (form == CallForm.Json && request.Headers.ContentEncoding is [{ } coding, ..] && !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return exchange.RejectAsync(StatusCodes.Status415UnsupportedMediaType, "A body in JSON comes as it is, without content-encoding.");
        }

        return ServeAsync(exchange, form);
    }

    private async Task ServeAsync(Exchange exchange, CallForm form)
    {
        var timeout = Timeout.InfiniteTimeSpan;
        if (exchange.Request.Headers["grpc-timeout"] is [{ } text, ..] && !CallTimeout.TryParse(text, out timeout))
        {
            await exchange.RejectAsync(StatusCodes.Status400BadRequest, "grpc-timeout is not a number and its unit.");
            return;
        }

        if (exchange.Request.Headers["grpc-encoding"] is [{ } encoding, ..] && !Encodings.IsKnown(encoding))
        {
            exchange.Response.Headers["grpc-accept-encoding"] = Encodings.Accepted;
            await exchange.RejectAsync(StatusCodes.Status404NotFound, $"grpc-encoding {encoding} is not supported.");
            return;
        }

        var path = exchange.Path is ['/', .. var called] ? called : exchange.Path;
        if (schema.FindMethod(path) is not { } method)
        {
            await exchange.RejectAsync(StatusCodes.Status404NotFound, $"{name} has no method {path}.");
            return;
        }

        LiftLimits(exchange, method);
        timeout = CallTimeout.ForTimer(timeout);
        using var deadline = timeout == Timeout.InfiniteTimeSpan ? null : new CancellationTokenSource(timeout, time);
        using var cancelled = deadline is null
            ? CancellationTokenSource.CreateLinkedTokenSource(exchange.Aborted, exchange.Closing)
            : CancellationTokenSource.CreateLinkedTokenSource(exchange.Aborted, exchange.Closing, deadline.Token);
        await using var decoded = form == CallForm.WebText ? new WebTextBody(exchange.Request.BodyReader, cancelled.Token) : null;
        using var source = SourceOf(exchange, method, form, decoded?.Reader ?? exchange.Request.BodyReader);
        var call = new Call(exchange, path, method, source, SinkOf(exchange, method, form), cancelled)
        {
            Deadline = timeout == Timeout.InfiniteTimeSpan ? null : time.GetUtcNow() + timeout,
        };
        if (Route(call) is not { } handler)
        {
            await NoRoute.RejectAsync(exchange);
            return;
        }

        exchange.TakenBy(path);
        var started = time.GetTimestamp();
        metrics.Begin();
        try
        {
            Status status;
            try
            {
                status = await handler.HandleAsync(call);
            }
            catch (Exception e) when (StatusOf(e, call, deadline) is { } reason)
            {
                status = reason;
            }

            await call.EndAsync(status);
        }
        finally
        {
            metrics.End(call, time.GetElapsedTime(started));
        }
    }

    /// <summary>What a call ends with that has failed so. Null: it is not the call that failed, or nobody is there to be told.</summary>
    private Status? StatusOf(Exception why, Call call, CancellationTokenSource? deadline)
    {
        switch (why)
        {
            case CallException refused:
                return refused.Status;
            case StreamBrokenException broken:
                GrpcLog.Broken(logger, call.ServiceName, call.Method.Name, broken.Cause, broken.Message);
                return new(StatusTable.Of(broken.Cause), broken.Message);
            case OperationCanceledException when deadline is { IsCancellationRequested: true }:
                return new(StatusCode.DeadlineExceeded, "The deadline of the call is over.");
            case OperationCanceledException when call.Exchange.Closing.IsCancellationRequested && !call.Exchange.Aborted.IsCancellationRequested:
                return call.Exchange.HasExpired ? new(StatusCode.Unauthenticated, "What the client was granted has expired.") : new(StatusCode.Unavailable, "The gateway is going away.");
            default:
                return null;
        }
    }

    /// <summary>Messages are bounded one by one; streams last for as long as they have to, and may be quiet.</summary>
    private static void LiftLimits(Exchange exchange, MethodDescriptor method)
    {
        BodyLimits.LiftRequestSize(exchange);
        if (method.IsClientStreaming)
        {
            BodyLimits.LiftRequestRate(exchange);
        }

        if (method.IsServerStreaming)
        {
            BodyLimits.LiftResponseRate(exchange);
        }
    }

    private MessageSource SourceOf(Exchange exchange, MethodDescriptor method, CallForm form, PipeReader body) => form == CallForm.Json
        ? new JsonSource(exchange, method, _json, maximum, budget)
        : new FrameSource(exchange, method.IsClientStreaming, body, exchange.Request.Headers["grpc-encoding"].ToString(), maximum, budget);

    private MessageSink SinkOf(Exchange exchange, MethodDescriptor method, CallForm form) => form switch
    {
        CallForm.Grpc => new GrpcSink(exchange),
        CallForm.Json => new JsonSink(exchange, method, _json),
        _ => new WebSink(exchange, form),
    };

    /// <summary>What the gateway serves itself is for all who could call anything.</summary>
    private ICallHandler? Route(Call call) => !own.TryGetValue(call.ServiceName, out var handler) ? routes.Route(call) : routes.Admits(call.Exchange) ? handler : null;
}
