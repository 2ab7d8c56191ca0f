using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Zilla.Config.Bindings;
using Zilla.Config.Watching;
using Zilla.Edge;
using Zilla.Edge.Tests.Proxy;
using Zilla.EdgeHttp.Tests.Tls;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.Proxy;

/// <summary>Behind a load balancer that speaks the PROXY protocol.</summary>
public sealed class ProxyTests
{
    private static readonly BindingConfig[] Behind = [new TcpServerBinding { Name = "tcp", Ports = [], Exit = "proxy" }, new ProxyServerBinding { Name = "proxy", Exit = "http" }];

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")] // with prior knowledge
    public async Task Preamble_NamesTheClient_WhateverComesAfterIt(string version)
    {
        await using var gateway = await Gateway.StartAsync(Behind);
        _ = gateway.Items;
        using var client = Client(Preambles.WithCheckSum(Preambles.Inet4()));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, gateway.Port, version));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, gateway.Port, version));

        Assert.Equal(Enumerable.Repeat("http 203.0.113.7:56324 to 192.0.2.1:443", 2), gateway.Requests);
    }

    [Fact]
    public async Task Preamble_TlsEndedByTheLoadBalancer_RequestsAreHttps()
    {
        await using var gateway = await Gateway.StartAsync(Behind);
        using var client = Client(Preambles.Inet4(Preambles.Tls));

        await StatusAsync(client, gateway.Port);

        Assert.StartsWith("https 203.0.113.7:", gateway.Requests.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preamble_TlsEndedByTheLoadBalancer_Http2WithSchemeHttps_IsServed()
    {
        await using var gateway = await Gateway.StartAsync(Behind);
        _ = gateway.Items;
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Port);
        var stream = client.GetStream();

        // Preface, SETTINGS, HEADERS of stream 1: GET https a /items.
        await stream.WriteAsync(Preambles.Inet4(Preambles.Tls));
        await stream.WriteAsync((byte[])
        [
            .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0,
            0, 0, 13, 1, 5, 0, 0, 0, 1, 0x82, 0x87, 0x04, 6, .. "/items"u8, 0x01, 1, .. "a"u8,
        ]);

        var frame = new byte[9];
        do
        {
            await Eventually.CompletesAsync(ReadFrameAsync());
        }
        while (frame[3] != 1);

        async Task<byte[]> ReadFrameAsync()
        {
            await stream.ReadExactlyAsync(frame.AsMemory(0, 9));
            var payload = new byte[(frame[0] << 16) | (frame[1] << 8) | frame[2]];
            await stream.ReadExactlyAsync(payload);
            Assert.True(frame[3] != 1 || payload[0] == 0x88); // :status 200
            return payload;
        }

        Assert.StartsWith("https 203.0.113.7:", gateway.Requests.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preamble_OfALoadBalancersOwnConnectionOrAUnixSocket_IsServed()
    {
        await using var gateway = await Gateway.StartAsync(Behind);
        _ = gateway.Items;
        using var own = Client(Preambles.Write(0x20, 0, []));
        using var unix = Client(Preambles.Write(0x21, 0x31, new byte[216]));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(own, gateway.Port));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(unix, gateway.Port));

        Assert.StartsWith("http 127.0.0.1:", gateway.Requests.First(), StringComparison.Ordinal);
        Assert.StartsWith("http :0 to", gateway.Requests.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preamble_ThenTls()
    {
        await using var tls = await TlsGateway.StartAsync();
        await tls.Gateway.ApplyAsync([tls.Gateway.Port], new TcpServerBinding { Name = "tcp", Ports = [], Exit = "proxy" }, new ProxyServerBinding { Name = "proxy", Exit = "tls" }, TlsGateway.Binding);
        using var client = Client(Preambles.Inet4());
        using var without = Client([]);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, tls.Gateway.Port, "2.0", "https"));
        await Assert.ThrowsAsync<HttpRequestException>(() => StatusAsync(without, tls.Gateway.Port, "1.1", "https"));

        Assert.Equal(["https 203.0.113.7:56324 to 192.0.2.1:443"], tls.Gateway.Requests);
    }

    [Fact]
    public async Task Routes_BySource_DecideWhereTo_AndWhomNobodyTakes()
    {
        await using var gateway = await Gateway.StartAsync(
            Behind[0],
            new ProxyServerBinding
            {
                Name = "proxy",
                Routes =
                [
                    new() { Exit = "http", When = [new() { Source = new() { Host = "203.0.113.0/24" } }] },
                    new() { Exit = "other", When = [new() { Family = ProxyFamily.Inet6 }] },
                ],
            },
            new HttpServerBinding { Name = "other" });
        _ = gateway.Items;
        using var first = Client(Preambles.Inet4());
        using var second = Client(Preambles.Write(0x21, 0x21, new byte[36]));
        using var third = Client(Preambles.Write(0x21, 0x11, new byte[12]));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(first, gateway.Port));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(second, gateway.Port));
        await Assert.ThrowsAsync<HttpRequestException>(() => StatusAsync(third, gateway.Port));
    }

    [Theory]
    [InlineData("GET /items HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET /items HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("\r\n\r\n")] // its beginning, until the deadline
    [InlineData("")]
    public async Task Connection_WithoutPreamble_IsClosedAndCounted_AndTheNextIsServed(string bytes)
    {
        await using var gateway = await Gateway.StartAsync(TimeProvider.System, new Dictionary<string, string?> { ["Zilla:Edge:PrefaceTimeout"] = "00:00:01" }, Behind);
        _ = gateway.Items;
        long refused = 0;
        using var listener = new MeterListener { InstrumentPublished = (instrument, to) => { if (instrument.Meter == EdgeTelemetry.Meter && instrument.Name == "zilla.edge.proxy.refused") { to.EnableMeasurementEvents(instrument); } } };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref refused, count));
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Port);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(bytes));

        Assert.Equal("", await Eventually.CompletesAsync(ReadToEndAsync(client)));
        await Eventually.HoldsAsync(() => Interlocked.Read(ref refused) > 0);
        Assert.Empty(gateway.Requests);
        using var good = Client(Preambles.Inet4());
        await Eventually.HoldsAsync(async () => await TriedAsync(good, gateway.Port) == HttpStatusCode.OK); // which may be slow itself
        using var http = new HttpClient();
        Assert.Equal("healthy", await http.GetStringAsync(new Uri(gateway.Internal + "/healthz"))); // the service's own endpoint has none
    }

    [Fact]
    public async Task ConnectionsPerAddress_CountByThePreamblesAddress_OneMoreIsClosed()
    {
        await using var gateway = await Gateway.StartAsync([new TcpServerBinding { Name = "tcp", Ports = [], Exit = "proxy", Limits = new() { ConnectionsPerAddress = 1 } }, Behind[1]]);
        _ = gateway.Items;
        var first = Client(Preambles.Inet4());
        using var second = Client(Preambles.WithCheckSum(Preambles.Inet4()));
        using var other = Client(Preambles.Write(0x21, 0x11, [203, 0, 113, 8, 192, 0, 2, 1, 0xdc, 0x04, 0x01, 0xbb]));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(first, gateway.Port));

        Assert.Null(await TriedAsync(second, gateway.Port));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(other, gateway.Port));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(first, gateway.Port));
        first.Dispose();
        await Eventually.HoldsAsync(async () => await TriedAsync(second, gateway.Port) == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Plan_PutsAPortBehindALoadBalancer_ConnectionsWithoutPreambleAreNotServedAnyMore()
    {
        await using var gateway = await Gateway.StartAsync();
        _ = gateway.Items;
        using (var plain = await gateway.Client.GetAsync("/items"))
        {
            Assert.Equal(HttpStatusCode.OK, plain.StatusCode);
        }

        await gateway.ApplyAsync([gateway.Port], Behind);

        using var again = await gateway.Client.GetAsync("/items"); // on the connection that it has
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Fact]
    public async Task Plan_WithAnAddressThatIsNone_IsRefusedByItsName()
    {
        await using var gateway = await Gateway.StartAsync(Behind);
        var proxy = new ProxyServerBinding { Name = "proxy", Exit = "http", Routes = [new() { Exit = "http", When = [new() { Source = new() { Host = "nowhere" } }] }] };

        var refused = await Assert.ThrowsAsync<PlanRefusedException>(() => gateway.ApplyAsync([gateway.Port], Behind[0], proxy));

        Assert.Equal("proxy: 'nowhere' is neither an address nor a network", refused.Message);
    }

    /// <summary>Each of its connections begins with the preamble, a piece at a time.</summary>
    private static HttpClient Client(byte[] preamble) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
            foreach (var piece in preamble.Chunk(9))
            {
                await socket.SendAsync(piece, cancellationToken);
            }

            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        Timeout = TimeSpan.FromSeconds(30),
    };

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, int port, string version = "1.1", string scheme = "http")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{scheme}://one.example:{port}/items") { Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var response = await client.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        return response.StatusCode;
    }

    private static async Task<HttpStatusCode?> TriedAsync(HttpClient client, int port)
    {
        try
        {
            return await StatusAsync(client, port);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task<string> ReadToEndAsync(TcpClient client)
    {
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        try
        {
            return await reader.ReadToEndAsync();
        }
        catch (IOException)
        {
            return "";
        }
    }
}
