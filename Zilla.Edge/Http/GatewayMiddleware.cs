using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Zilla.Edge.Http.Guards;
using Zilla.Edge.Http.Problems;
using Zilla.Edge.Listeners;
using Zilla.Edge.Plans;
using Zilla.Streams;
using MinDataRate = Microsoft.AspNetCore.Server.Kestrel.Core.MinDataRate;

namespace Zilla.Edge.Http;

/// <summary>
/// Takes the requests that came in through a listener of the plan; those of the service's own endpoint (health) pass by. Whatever goes wrong
/// with a request ends here and costs that request alone.
/// </summary>
public sealed class GatewayMiddleware(
    RequestDelegate next, EdgeState<GatewayModel> state, IOptions<HttpServerOptions> options, TimeProvider time, ILogger<GatewayMiddleware> logger)
{
    private readonly MinDataRate? _responseRate = ServerLimits.ResponseRate(options.Value);

    public Task InvokeAsync(HttpContext context) =>
        context.Features.Get<IListenerFeature>() is { } listener ? ServeAsync(context, listener) : next(context);

    private async Task ServeAsync(HttpContext context, IListenerFeature listener)
    {
        if (_responseRate is not null)
        {
            PacedBody.Apply(context, _responseRate, time, logger);
        }

        using var carried = RequestTrace.Carry(context.Request);
        var exchange = new Exchange(context, listener, logger);
        var (model, started) = (state.Current, time.GetTimestamp());
        var server = model.Find(exchange);
        var stream = server?.Metrics.Begin(exchange);
        try
        {
            if (model.Guard(listener) is { } guard && PeerGrant.Of(context, guard) is { } grant)
            {
                exchange.Accept(grant);
            }

            await (server?.HandleAsync(exchange) ?? NoRoute.RejectAsync(exchange));
            await PacedBody.CompleteAsync(context);
        }
        catch (Exception e) when (e is OperationCanceledException or (IOException and not BadHttpRequestException) && context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; there is nobody to tell.
        }
        catch (Exception e)
        {
            await RejectAsync(context, e);
        }
        finally
        {
            server?.Metrics.End(exchange, stream, time.GetElapsedTime(started));
            Name(context, exchange);
        }
    }

    private Task RejectAsync(HttpContext context, Exception why)
    {
        switch (why)
        {
            case StreamBrokenException broken:
                ServerLog.Broken(logger, context.Request.Method, context.Request.Path, RequestTrace.IdOf(context), broken.Cause, broken.Message);
                return Rejection.RejectAsync(context, broken);
            case BadHttpRequestException bad:
                return Rejection.RejectAsync(context, bad.StatusCode, bad.Message);
            default:
                ServerLog.Failed(logger, context.Request.Method, context.Request.Path, RequestTrace.IdOf(context), why);
                return Rejection.RejectAsync(context, StatusCodes.Status500InternalServerError, "The gateway failed; its log has the reason under this trace id.");
        }
    }

    /// <summary>Has the request's span, and its place in the server's own metrics, say which route it took.</summary>
    private static void Name(HttpContext context, Exchange exchange)
    {
        if (exchange.Route is { } route)
        {
            context.Features.Get<IHttpActivityFeature>()?.Activity.SetTag("http.route", route);
            context.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(new("http.route", route));
        }
    }
}
