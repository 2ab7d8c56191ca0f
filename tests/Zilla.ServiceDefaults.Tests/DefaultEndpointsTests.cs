using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Zilla.ServiceDefaults.Tests;

public sealed class DefaultEndpointsTests
{
    [Fact]
    public async Task Service_WithoutEndpointsConfigured_ListensOnLoopbackOnly()
    {
        await using var app = await StartAsync();
        var address = new Uri(Assert.Single(app.Urls));
        Assert.Equal("127.0.0.1", address.Host);
        Assert.NotEqual(0, address.Port);
    }

    [Fact]
    public async Task Healthz_WhileSomethingNeededIsMissing_IsHealthy_AndReadyzSaysWhatIsMissing()
    {
        await using var app = await StartAsync(checks => checks.AddCheck("kafka", () => HealthCheckResult.Unhealthy("no broker answers")));

        var (live, liveBody) = await GetAsync(app, "/healthz");
        var (ready, readyBody) = await GetAsync(app, "/readyz");

        Assert.Equal(HttpStatusCode.OK, live);
        Assert.False(liveBody.GetProperty("checks").TryGetProperty("kafka", out _));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready);
        var kafka = readyBody.GetProperty("checks").GetProperty("kafka");
        Assert.Equal("Unhealthy", kafka.GetProperty("status").GetString());
        Assert.Equal("no broker answers", kafka.GetProperty("description").GetString());
    }

    [Fact]
    public async Task Readyz_CheckWithUrls_PassesThemOn()
    {
        var data = new Dictionary<string, object> { [ServiceDefaultsExtensions.UrlsData] = new[] { "http://127.0.0.1:7114" } };
        await using var app = await StartAsync(checks => checks.AddCheck("listeners", () => HealthCheckResult.Healthy(data: data)));

        var (status, body) = await GetAsync(app, "/readyz");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(["http://127.0.0.1:7114"], body.GetProperty("checks").GetProperty("listeners").GetProperty("urls").EnumerateArray().Select(url => url.GetString()));
    }

    [Fact]
    public async Task Metrics_OfEveryService_IsPrometheusText()
    {
        await using var app = await StartAsync();
        using var http = new HttpClient { BaseAddress = new(app.Urls.Single()) };

        using var response = await http.GetAsync(new Uri("/metrics", UriKind.Relative));

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Contains("\n# TYPE dotnet_gc_collections_total counter\n", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void GetServiceAddresses_ReplicasOfAnEndpoint_InOrder()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["services:kafka-cache:grpc:0"] = "http://127.0.0.1:20001",
            ["services:kafka-cache:grpc:1"] = "http://127.0.0.1:20002",
            ["services:kafka-cache:http:0"] = "http://127.0.0.1:20003",
        }).Build();

        Assert.Equal(["http://127.0.0.1:20001", "http://127.0.0.1:20002"], configuration.GetServiceAddresses("kafka-cache", "grpc").Select(address => $"{address}".TrimEnd('/')));
        Assert.Empty(configuration.GetServiceAddresses("control", "grpc"));
    }

    private static async Task<WebApplication> StartAsync(Action<IHealthChecksBuilder>? checks = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddServiceDefaults();
        checks?.Invoke(builder.Services.AddHealthChecks());
        var app = builder.Build();
        app.MapDefaultEndpoints();
        await app.StartAsync();
        return app;
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(WebApplication app, string path)
    {
        using var http = new HttpClient { BaseAddress = new(app.Urls.Single()) };
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative));
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return (response.StatusCode, json.RootElement.Clone());
    }
}
