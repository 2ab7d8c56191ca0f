using System.Text.Json;

namespace Zilla.AppHost.Hosting.Running;

/// <param name="Reports">One for every check the service names, or one for the endpoint as a whole.</param>
/// <param name="ClientUrls">Addresses a check says it serves clients at.</param>
internal sealed record HealthResult(IReadOnlyList<HealthReport> Reports, IReadOnlyList<string> ClientUrls);

/// <summary>Asks a health endpoint; the body is the one that Zilla.ServiceDefaults writes.</summary>
internal sealed class HealthProbe(HttpClient http, TimeProvider time)
{
    private const int MaxBody = 64 * 1024;

    public static HttpClient CreateClient() =>
        new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(5), MaxResponseContentBufferSize = MaxBody };

    public async Task<HealthResult> CheckAsync(Uri address, CancellationToken cancellationToken)
    {
        var name = address.AbsolutePath.Trim('/');
        try
        {
            using var response = await http.GetAsync(address, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            var result = Read(body);
            return result ?? new HealthResult(
                [new HealthReport(name, response.IsSuccessStatusCode ? HealthStatus.Healthy : HealthStatus.Unhealthy, $"HTTP {(int)response.StatusCode}", time.GetUtcNow())], []);
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new HealthResult([new HealthReport(name, HealthStatus.Unhealthy, "does not answer", time.GetUtcNow())], []);
        }
    }

    /// <summary>Null if the body is not of that form.</summary>
    internal HealthResult? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var reports = new List<HealthReport>();
            var urls = new List<string>();
            foreach (var check in json.RootElement.GetProperty("checks").EnumerateObject())
            {
                var description = check.Value.TryGetProperty("description", out var text) ? text.GetString() : null;
                reports.Add(new HealthReport(check.Name, Enum.Parse<HealthStatus>(check.Value.GetProperty("status").GetString() ?? ""), description, time.GetUtcNow()));
                urls.AddRange(check.Value.TryGetProperty("urls", out var list) ? list.EnumerateArray().Select(u => u.GetString() ?? "") : []);
            }

            return new HealthResult(reports, urls);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }
}
