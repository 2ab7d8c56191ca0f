using Zilla.Config.Plans;
using Zilla.Config.Telemetry;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Connections;

/// <summary>The endpoints of prometheus exporters (reference §3.6), where the MQTT edge has them.</summary>
public sealed class MetricsEndpointTests
{
    [Fact]
    public async Task Get_IsWhatTheEdgeMeasured_WhileMqttClientsAreServed()
    {
        await using var edge = await TestEdge.StartAsync();
        var endpoint = new PrometheusEndpoint { Port = FreePort.Next(), Path = "/m" };
        edge.Metrics = new MetricsPlan { Attributes = new Dictionary<string, string> { ["site"] = "here" }, Endpoints = [endpoint] };
        await edge.ApplyAsync();
        await using var client = await edge.ConnectAsync();
        await client.PingAsync();

        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{endpoint.Port}") };
        var text = await http.GetStringAsync(new Uri("/m", UriKind.Relative));

        Assert.Contains("\nzilla_mqtt_connections{site=\"here\",", text, StringComparison.Ordinal);
        using var elsewhere = await http.GetAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, elsewhere.StatusCode);
    }
}
