using System.Net;
using Zilla.Edge.Guards;
using Zilla.Edge.Handover;
using Zilla.Edge.Http;
using Zilla.Edge.Listeners;
using Zilla.Edge.Plans;
using Zilla.EdgeGrpc.Server;

namespace Zilla.EdgeGrpc.Handover;

/// <summary>Takes the requests that the HTTP edge hands over: an http server has judged and let them in there, and left by its exit to a grpc server, which is here.</summary>
internal sealed class HandoverEndpoint(EdgeState<GatewayModel> state, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<HandoverEndpoint> logger)
{
    public async Task ServeAsync(HttpContext context)
    {
        if (context.Request.Headers[HandedOver.Header] is not [{ } text] || HandedOver.Decode(text) is not { } handed)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        Restore(context, handed);
        using var carried = RequestTrace.Carry(context.Request);
        var exchange = new Exchange(context, new Listener(handed.Exit, lifetime.ApplicationStopping), logger) { Standing = handed.Standing };

        // Of many clients on one connection one must not cost the others theirs.
        BodyLimits.LiftRequestRate(exchange);
        foreach (var grant in handed.Grants.Select(grant => grant.ToGrant()))
        {
            if (grant.Expires is null)
            {
                exchange.Accept(grant);
            }
            else
            {
                exchange.Accept(grant, new ConnectionLeases(time));
            }
        }

        exchange.Standing = handed.Standing;
        try
        {
            await (state.Current.Handovers.GetValueOrDefault(handed.Exit)?.HandleAsync(exchange)
                ?? exchange.RejectAsync(StatusCodes.Status503ServiceUnavailable, $"{handed.Exit} is not known here yet, or no more."));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; there is nobody to tell.
        }
        catch (BadHttpRequestException e)
        {
            await exchange.RejectAsync(e.StatusCode, e.Message);
        }
        catch (Exception e)
        {
            GrpcLog.Failed(logger, context.Request.Path, RequestTrace.IdOf(context), e);
            await exchange.RejectAsync(StatusCodes.Status500InternalServerError, "The gateway failed; its log has the reason under this trace id.");
        }
    }

    private static void Restore(HttpContext context, HandedOver handed)
    {
        var request = context.Request;
        request.Headers.Remove(HandedOver.Header);
        request.Headers.Authorization = handed.Authorization;
        (request.Scheme, request.Host) = (handed.Scheme, new HostString(handed.Host));

        // That of the edge is many clients'. Of one that is not known each request is its own.
        context.Connection.Id = handed.Connection ?? context.TraceIdentifier;
        context.Connection.RemoteIpAddress = IPAddress.TryParse(handed.Address, out var address) ? address : null;
    }

    private sealed record Listener(string Binding, CancellationToken Closing) : IListenerFeature
    {
        public int Port => 0;
    }
}
