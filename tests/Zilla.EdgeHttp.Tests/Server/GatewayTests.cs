using System.Net;
using System.Net.Sockets;
using System.Text;
using Zilla.Config.Bindings;
using Zilla.Config.Watching;
using Zilla.EdgeHttp.Tests.Sse;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.Server;

public sealed class GatewayTests
{
    [Theory]
    [InlineData("/nowhere")]
    [InlineData("/items2")]
    [InlineData("/healthz")] // the service's own, not for clients
    public async Task Request_NoRoute_404(string path)
    {
        await using var gateway = await Gateway.StartAsync();

        using var response = await gateway.Client.GetAsync(path);

        await Problems.AssertAsync(response, HttpStatusCode.NotFound, $"No route takes GET {path}");
    }

    [Fact]
    public async Task InternalEndpoint_ServesHealth_AndNoBinding()
    {
        await using var gateway = await Gateway.StartAsync();
        _ = gateway.Items;
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        Assert.Equal("healthy", await client.GetStringAsync(gateway.Internal + "/healthz"));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(gateway.Internal + "/items")).StatusCode);
    }

    [Theory]
    [InlineData("GET http://any.host/items/1?q HTTP/1.1", "404")] // absolute form; the query is part of the key
    [InlineData("GET http://any.host/items/1 HTTP/1.1", "200")]
    [InlineData("GET /items/%31 HTTP/1.1", "404")] // nothing is decoded
    [InlineData("OPTIONS * HTTP/1.1", "404")]
    [InlineData("GET /items/1 HTTP/9.9", "505")]
    [InlineData("nonsense", "400")]
    public async Task RequestLine_AsItComes_Answered(string line, string status)
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "x");
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Port);

        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{line}\r\nHost: any.host\r\nConnection: close\r\n\r\n"));

        var answer = await new StreamReader(client.GetStream()).ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.StartsWith($"HTTP/1.1 {status}", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Route_ByHeadersAndAuthority_FirstMatchTakes()
    {
        var http = new HttpServerBinding
        {
            Name = "http",
            Routes =
            [
                new HttpRoute { Exit = "sse", When = [Headers((":authority", "127.0.0.1:*"), ("x-stream", "yes*")), Headers((":method", "SUBSCRIBE"))] },
                new HttpRoute { Exit = "rest", When = [Headers((":scheme", "http"))] },
            ],
        };
        await using var gateway = await Gateway.StartAsync(http);
        gateway.Items.Append(0, "1", "x");
        using var request = new HttpRequestMessage(HttpMethod.Put, "/events") { Headers = { { "X-Stream", "yes please" } } };

        using var streamed = await gateway.Client.SendAsync(request);
        using var rest = await gateway.Client.GetAsync("/items/1");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, streamed.StatusCode); // the sse server's answer
        Assert.Equal(HttpStatusCode.OK, rest.StatusCode);
    }

    [Fact]
    public async Task Server_OfOneVersion_RefusesTheOther()
    {
        var http = Quickstart.Bindings.OfType<HttpServerBinding>().Single() with { Versions = ["h2"] };
        await using var gateway = await Gateway.StartAsync(http);
        gateway.Items.Append(0, "1", "x");

        using var http1 = await gateway.Client.GetAsync("/items/1");
        using var http2 = await gateway.Http2.GetAsync("/items/1");

        await Problems.AssertAsync(http1, HttpStatusCode.HttpVersionNotSupported, "HTTP/1.1");
        Assert.Equal(HttpStatusCode.OK, http2.StatusCode);
    }

    [Fact]
    public async Task Apply_AnotherPlan_UntouchedListenersKeepStreams_RemovedOnesEndThem()
    {
        await using var gateway = await Gateway.StartAsync();
        _ = gateway.Items;
        var second = FreePort.Next();
        await gateway.ApplyAsync([gateway.Port, second]);
        using var other = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{second}") };
        await using var kept = await EventStream.OpenAsync(gateway.Client, "/events");
        await using var ended = await EventStream.OpenAsync(other, "/events");
        await kept.ExpectAsync("retry:2500\n\n");
        await ended.ExpectAsync("retry:2500\n\n");

        await gateway.ApplyAsync([gateway.Port]);

        await ended.ExpectEndAsync();
        gateway.Items.Append(0, "1", "still here");
        await kept.ExpectAsync("id:AQIAAg==\ndata:still here\n\n");
        await Eventually.HoldsAsync(async () =>
        {
            using var probe = new TcpClient();
            return (await Record.ExceptionAsync(() => probe.ConnectAsync(IPAddress.Loopback, second))) is SocketException;
        });
    }

    [Fact]
    public async Task Apply_PlanThatCannotBe_RefusedWithReason_OldOneServes()
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "x");
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var badTemplate = new SseKafkaBinding { Name = "sse-kafka", Routes = [new SseKafkaRoute { Exit = "cache", Topic = "${params.none}" }] };

        var inUse = await Assert.ThrowsAsync<PlanRefusedException>(() => gateway.ApplyAsync([gateway.Port, port]));
        var unknown = await Assert.ThrowsAsync<PlanRefusedException>(() => gateway.ApplyAsync([gateway.Port], badTemplate));

        Assert.Contains($"{port}: the port is in use", inUse.Message, StringComparison.Ordinal);
        Assert.Contains("sse-kafka: '${params.none}'", unknown.Message, StringComparison.Ordinal);
        Assert.Equal("x", await gateway.Client.GetStringAsync("/items/1"));
    }

    [Fact]
    public async Task Apply_NoListeners_EverythingCloses()
    {
        await using var gateway = await Gateway.StartAsync();
        await gateway.ApplyAsync([]);

        await Assert.ThrowsAsync<HttpRequestException>(() => gateway.Client.GetAsync("/items"));
    }

    private static HttpCondition Headers(params (string Name, string Pattern)[] headers) => new() { Headers = headers.ToDictionary(h => h.Name, h => h.Pattern) };
}
