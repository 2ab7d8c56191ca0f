using Microsoft.AspNetCore.Http;

namespace Zilla.ServiceDefaults.Metrics;

/// <summary>The answer to a scrape.</summary>
public static class MetricsResponse
{
    /// <summary>Tells what has been measured.</summary>
    /// <param name="metrics">What measures.</param>
    /// <param name="context">Of the scrape.</param>
    /// <param name="attributes">Become labels of every series.</param>
    public static Task AnswerAsync(this PrometheusMetrics metrics, HttpContext context, IReadOnlyDictionary<string, string> attributes)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return WriteAsync(context, metrics.Scrape(attributes));
    }

    /// <param name="context">Of the scrape.</param>
    /// <param name="text">What <see cref="PrometheusMetrics.Scrape"/> gave.</param>
    public static Task WriteAsync(HttpContext context, string text)
    {
        ArgumentNullException.ThrowIfNull(context);
        Untraced.Mark();
        context.Response.ContentType = PrometheusMetrics.ContentType;
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
