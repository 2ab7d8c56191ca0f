using Microsoft.AspNetCore.Http;

namespace Zilla.ServiceDefaults.Metrics;

/// <summary>The answer to a scrape.</summary>
public static class MetricsResponse
{
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
