using Microsoft.AspNetCore.Http;
using Zilla.Edge.Http.Problems;
using Zilla.Edge.Listeners;
using Zilla.Edge.Plans;

namespace Zilla.Edge.Http;

/// <summary>Answers what comes in through the endpoints of prometheus exporters (reference §3.6): with the metrics of this process.</summary>
internal sealed class MetricsMiddleware(RequestDelegate next, EdgeState<GatewayModel> state, ScrapeAnswer answer)
{
    public Task InvokeAsync(HttpContext context) =>
        context.Features.Get<IListenerFeature>() is { Binding: MetricsListener.Binding } listener ? AnswerAsync(context, listener.Port) : next(context);

    private Task AnswerAsync(HttpContext context, int port)
    {
        if (state.Current.Metrics is not { } plan || !plan.Endpoints.Any(endpoint => endpoint.Port == port && endpoint.Path == context.Request.Path))
        {
            return Problem.RejectAsync(context, StatusCodes.Status404NotFound, "There are no metrics at this path.");
        }

        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        {
            return answer(context, plan.Attributes);
        }

        context.Response.Headers.Allow = "GET, HEAD";
        return Problem.RejectAsync(context, StatusCodes.Status405MethodNotAllowed, "Metrics can be read only.");
    }
}

/// <summary>Answers a scrape with what the process measures.</summary>
/// <param name="context">Of the scrape.</param>
/// <param name="attributes">Labels of all that is told.</param>
public delegate Task ScrapeAnswer(HttpContext context, IReadOnlyDictionary<string, string> attributes);
