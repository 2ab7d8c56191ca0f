using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Zilla.ServiceDefaults;

/// <summary>
/// The body of a health endpoint:
/// <code>{"status":"Unhealthy","checks":{"self":{"status":"Healthy"},"kafka":{"status":"Unhealthy","description":"no broker answers"}}}</code>
/// </summary>
internal static class HealthResponse
{
    public static async Task WriteAsync(HttpContext context, HealthReport report)
    {
        Untraced.Mark(); // probed every second or so
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status", report.Status.ToString());
        json.WriteStartObject("checks");
        foreach (var (name, entry) in report.Entries)
        {
            json.WriteStartObject(name);
            json.WriteString("status", entry.Status.ToString());
            if ((entry.Description ?? entry.Exception?.Message) is { } description)
            {
                json.WriteString("description", description);
            }

            WriteUrls(json, entry);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    private static void WriteUrls(Utf8JsonWriter json, HealthReportEntry entry)
    {
        if (entry.Data.GetValueOrDefault(ServiceDefaultsExtensions.UrlsData) is not IEnumerable<string> urls)
        {
            return;
        }

        json.WriteStartArray("urls");
        foreach (var url in urls)
        {
            json.WriteStringValue(url);
        }

        json.WriteEndArray();
    }
}
