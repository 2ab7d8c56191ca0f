using System.Net;
using System.Text.Json;

namespace Zilla.EdgeHttp.Tests;

internal static class Problems
{
    public static async Task AssertAsync(HttpResponseMessage response, HttpStatusCode status, string detail)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
        using var body = JsonDocument.Parse(await response.Content.ReadAsStreamAsync());
        Assert.Equal((int)status, body.RootElement.GetProperty("status").GetInt32());
        Assert.Contains(detail, body.RootElement.GetProperty("detail").GetString(), StringComparison.OrdinalIgnoreCase);
        Assert.NotEmpty(body.RootElement.GetProperty("title").GetString()!);
        Assert.NotEmpty(body.RootElement.GetProperty("traceId").GetString()!);
    }
}
