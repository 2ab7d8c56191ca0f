using System.Net;
using Zilla.Config.Plans;
using Zilla.Config.Telemetry;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.Server;

/// <summary>The endpoints of prometheus exporters (reference §3.6).</summary>
public sealed class MetricsEndpointTests
{
    [Fact]
    public async Task Get_ExportersEndpoint_IsWhatTheBindingsMeasured_WithTheAttributesOfTheFile()
    {
        await using var gateway = await Gateway.StartAsync();
        var metrics = await ApplyAsync(gateway, "/m");
        using var put = await gateway.Client.PutAsync("/items/1", new StringContent("12345"));

        var text = "";
        await Eventually.HoldsAsync(async () => (text = await gateway.Client.GetStringAsync(metrics)).Contains("http_request_size_bytes_count{", StringComparison.Ordinal));

        Assert.Contains("\n# TYPE http_request_size_bytes histogram\n", text, StringComparison.Ordinal);
        Assert.Contains("\nhttp_duration_bucket{service_namespace=\"example\",binding=\"http\",namespace=\"tests\",le=\"+Inf\"} ", text, StringComparison.Ordinal);
        Assert.Contains("\nhttp_active_requests{service_namespace=\"example\",binding=\"http\",namespace=\"tests\"} ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/metrics", HttpStatusCode.NotFound)]
    [InlineData("GET", "/items", HttpStatusCode.NotFound)]
    [InlineData("POST", "/m", HttpStatusCode.MethodNotAllowed)]
    [InlineData("HEAD", "/m", HttpStatusCode.OK)]
    public async Task Request_ThatIsNoScrape_IsRefused(string method, string path, HttpStatusCode status)
    {
        await using var gateway = await Gateway.StartAsync();
        var metrics = await ApplyAsync(gateway, "/m");

        using var response = await gateway.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), new Uri(metrics, path)));

        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task Apply_PlanWithoutExporter_ClosesItsPort()
    {
        await using var gateway = await Gateway.StartAsync();
        var metrics = await ApplyAsync(gateway, "/metrics");
        using (var fresh = new HttpClient())
        {
            await fresh.GetStringAsync(metrics);
        }

        gateway.Metrics = null;
        await gateway.ApplyAsync([gateway.Port]);

        using var late = new HttpClient();
        await Eventually.HoldsAsync(async () => await Record.ExceptionAsync(() => late.GetStringAsync(metrics)) is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError });
    }

    private static async Task<Uri> ApplyAsync(Gateway gateway, string path)
    {
        var port = FreePort.Next();
        gateway.Metrics = new MetricsPlan
        {
            Attributes = new Dictionary<string, string> { ["service.namespace"] = "example" },
            Endpoints = [new PrometheusEndpoint { Port = port, Path = path }],
        };
        await gateway.ApplyAsync([gateway.Port]);
        return new Uri($"http://127.0.0.1:{port}{path}");
    }
}
