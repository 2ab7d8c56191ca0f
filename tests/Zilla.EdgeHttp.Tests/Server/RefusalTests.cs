using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.Server;

/// <summary>What Kestrel refuses before any middleware, as raw bytes.</summary>
public sealed class RefusalTests
{
    private static readonly Dictionary<string, string?> Small = new()
    {
        ["Zilla:Edge:Http:MaxRequestLineBytes"] = "100",
        ["Zilla:Edge:Http:MaxHeadersBytes"] = "300",
        ["Zilla:Edge:Http:MaxHeaders"] = "5",
        ["Zilla:Edge:Http:MaxBodyBytes"] = "10",
    };

    /// <summary>In which a client that is to be in time would have to be fast.</summary>
    private static readonly Dictionary<string, string?> Short = new() { ["Zilla:Edge:Http:HeadersTimeout"] = "00:00:01" };

    public static TheoryData<string, int, string> Requests => new()
    {
        { "nonsense\r\n\r\n", 400, "request line" },
        { "GET /items/1 HTTP/1.1\r\n\r\n", 400, "host" },
        { "GET /items/1 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "host" },
        { "GET /items/1 HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n", 400, "header" },
        { "GET /items/1 HTTP/1.1\r\nHost: h\r\n folded: x\r\n\r\n", 400, "header" },
        { "GET /items/1 HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n", 400, "" },
        { "GET /items/1 HTTP/9.9\r\nHost: h\r\n\r\n", 505, "version" },
        { "GET * HTTP/1.1\r\nHost: h\r\n\r\n", 405, "method" },
        { $"GET /{new string('a', 100)} HTTP/1.1\r\nHost: h\r\n\r\n", 414, "long" },
        { $"GET / HTTP/1.1\r\nHost: h\r\nX: {new string('a', 300)}\r\n\r\n", 431, "long" },
        { "GET / HTTP/1.1\r\nHost: h\r\nA: a\r\nB: b\r\nC: c\r\nD: d\r\nE: e\r\n\r\n", 431, "many" },
        { "GET / HTTP/1.1\r\nHost: h\r\n", 408, "timed out" },
        { "POST /items HTTP/1.1\r\nHost: h\r\nContent-Length: -5\r\n\r\n", 400, "content length" },
        { "POST /items HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nConnection: close\r\n\r\n12345678901", 413, "10 bytes" },
        { "POST /items HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nX\r\n", 400, "chunk" },
        { "POST /items HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 400, "chunked" },
        { "POST /items HTTP/1.0\r\nHost: h\r\n\r\n", 400, "" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Request_ThatIsNone_AProblemAndTheEnd(string request, int status, string reason)
    {
        await using var gateway = await Gateway.StartAsync(TimeProvider.System, status == 408 ? Short : Small);
        _ = gateway.Items;

        var (head, body) = await SendAsync(gateway, request);

        Assert.StartsWith($"HTTP/1.1 {status} ", head, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Type: application/problem+json\r\n", head, StringComparison.Ordinal);
        Assert.Contains($"\r\nContent-Length: {body.Length}\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", head, StringComparison.Ordinal);
        using var problem = JsonDocument.Parse(body);
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
        Assert.Contains(reason, problem.RootElement.GetProperty("detail").GetString(), StringComparison.OrdinalIgnoreCase);
        Assert.NotEmpty(problem.RootElement.GetProperty("traceId").GetString()!);
    }

    [Fact]
    public async Task Request_OfAnotherMethod_AllowStays()
    {
        await using var gateway = await Gateway.StartAsync();

        var (head, _) = await SendAsync(gateway, "GET * HTTP/1.1\r\nHost: h\r\n\r\n");

        Assert.Contains("\r\nAllow: OPTIONS\r\n", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_Head_NoBody()
    {
        await using var gateway = await Gateway.StartAsync();

        var (head, body) = await SendAsync(gateway, "HEAD /items/1 HTTP/1.1\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", head, StringComparison.Ordinal);
        Assert.Empty(body);
    }

    [Fact]
    public async Task Request_AfterAGoodOne_BothAnswered()
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "good");

        var answer = await SendAllAsync(gateway, "GET /items/1 HTTP/1.1\r\nHost: h\r\n\r\nnonsense\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\n\r\ngoodHTTP/1.1 400 Bad Request\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("}", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Internal_Endpoint_StaysBare()
    {
        await using var gateway = await Gateway.StartAsync();

        var answer = await SendAllAsync(new Uri(gateway.Internal).Port, "nonsense\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400)] // all fields together
    [InlineData(4000)] // a single one
    public async Task Http2_HeadersTooLarge_CostsThatConnectionAlone(int size)
    {
        await using var gateway = await Gateway.StartAsync(TimeProvider.System, Small);
        gateway.Items.Append(0, "1", "good");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/items/1")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { { "x", new string('a', size) } },
        };

        await Assert.ThrowsAsync<HttpRequestException>(() => gateway.Http2.SendAsync(request));

        // The client may take the connection that is going away for the next request too, until it has seen it end.
        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                return await gateway.Http2.GetStringAsync("/items/1") == "good";
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
    }

    private static async Task<(string Head, string Body)> SendAsync(Gateway gateway, string request)
    {
        var answer = await SendAllAsync(gateway, request);
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Assert.NotEqual(-1, end);
        return (answer[..(end + 2)], answer[(end + 4)..]);
    }

    private static Task<string> SendAllAsync(Gateway gateway, string request) => SendAllAsync(gateway.Port, request);

    private static async Task<string> SendAllAsync(int port, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request));
        return await Eventually.CompletesAsync(new StreamReader(client.GetStream(), Encoding.Latin1).ReadToEndAsync());
    }
}
