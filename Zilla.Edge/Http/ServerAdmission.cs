using System.Globalization;
using Microsoft.AspNetCore.Http;
using Zilla.Edge.Calls;
using Zilla.Edge.Limits;

namespace Zilla.Edge.Http;

/// <summary>An http server's <c>limits</c>: whatever is beyond one is told so, and when to come back.</summary>
public sealed class ServerAdmission(RequestLimiter limiter)
{
    /// <summary>True: the exchange goes on, and has to <see cref="Leave"/> in the end. False: it has been answered.</summary>
    public ValueTask<bool> AdmitsAsync(Exchange exchange)
    {
        if (!limiter.TryEnter(exchange.Context.Connection.RemoteIpAddress, out var refusal))
        {
            return RejectAsync(exchange, refusal);
        }

        exchange.Admission = this;
        return new(true);
    }

    /// <summary>Once guards have said who the client is. False: the exchange has been answered.</summary>
    public ValueTask<bool> AdmitsIdentityAsync(Exchange exchange) =>
        limiter.TryIdentify(exchange.Grants, out var refusal) ? new(true) : RejectAsync(exchange, refusal);

    /// <summary>From now on it is an event stream, which may last for ever. False: the exchange has been answered.</summary>
    public ValueTask<bool> AdmitsStreamAsync(Exchange exchange)
    {
        if (!limiter.TryOpenStream(out var refusal))
        {
            return RejectAsync(exchange, refusal);
        }

        exchange.IsStream = true;
        return new(true);
    }

    public void Leave(Exchange exchange)
    {
        if (exchange.IsStream)
        {
            limiter.LeaveStream();
        }
        else
        {
            limiter.Leave();
        }
    }

    private static async ValueTask<bool> RejectAsync(Exchange exchange, LimitRefusal refusal)
    {
        exchange.Response.Headers.RetryAfter = refusal.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        var (status, detail) = refusal.Limit switch
        {
            RequestLimit.Rate => (StatusCodes.Status429TooManyRequests, "All clients together send more requests than are served."),
            RequestLimit.RatePerAddress => (StatusCodes.Status429TooManyRequests, "More requests come from this address than are served."),
            RequestLimit.RatePerIdentity => (StatusCodes.Status429TooManyRequests, "More requests come with these credentials than are served."),
            RequestLimit.EventStreams => (StatusCodes.Status503ServiceUnavailable, "As many event streams are open as there may be."),
            _ => (StatusCodes.Status503ServiceUnavailable, "As many requests are under way as there may be."),
        };
        await exchange.RejectAsync(status, detail, new Status(StatusCode.ResourceExhausted, detail));
        return false;
    }
}
