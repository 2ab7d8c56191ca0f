using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Zilla.Edge.Http;

/// <summary>
/// A request's trace (W3C Trace Context). With somebody to tell spans to, ASP.NET Core makes an activity of every request. Without, only a request
/// that names a trace gets one here, so that what it causes names it too: an activity for each would cost a fifth of the edge's CPU.
/// </summary>
public static class RequestTrace
{
    private const int IdLength = 32;

    /// <summary>Null: there is an activity already, or no trace is named.</summary>
    public static Activity? Carry(HttpRequest request)
    {
        if (Activity.Current is not null
            || request.Headers.TraceParent is not [{ } parent]
            || !ActivityContext.TryParse(parent, request.Headers.TraceState, out var context))
        {
            return null;
        }

        var activity = new Activity("request") { TraceStateString = context.TraceState };
        return activity.SetParentId(context.TraceId, context.SpanId, context.TraceFlags).Start();
    }

    /// <summary>Of its activity, else one of its own: what the client is told is what the log says.</summary>
    public static string IdOf(HttpContext context)
    {
        if (Activity.Current is { } activity)
        {
            return activity.TraceId.ToHexString();
        }

        // Kestrel's own identifiers are shorter.
        if (context.TraceIdentifier.Length != IdLength)
        {
            context.TraceIdentifier = ActivityTraceId.CreateRandom().ToHexString();
        }

        return context.TraceIdentifier;
    }
}
