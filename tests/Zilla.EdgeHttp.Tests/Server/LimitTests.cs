using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Zilla.Config.Bindings;
using Zilla.Edge.Tests.Guards;
using Zilla.EdgeHttp.Tests.Guards;
using Zilla.EdgeHttp.Tests.Sse;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.Server;

/// <summary>An http server's <c>limits</c>.</summary>
public sealed class LimitTests
{
    private readonly ManualTime _time = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RatePerAddress_Exceeded_429UntilThereIsAToken_OthersAreServed(bool http2)
    {
        await using var gateway = await StartAsync(new() { RatePerAddress = new() { Requests = 2, Per = TimeSpan.FromSeconds(5) } });
        using var other = From("127.0.0.2", gateway.Port);
        var client = http2 ? gateway.Http2 : gateway.Client;
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(client));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(client));

        using var refused = await GetAsync(client);

        await Problems.AssertAsync(refused, HttpStatusCode.TooManyRequests, "More requests come from this address than are served.");
        Assert.Equal("3", refused.Headers.RetryAfter!.ToString()); // 2.5 s
        Assert.Equal("*", refused.Headers.GetValues("access-control-allow-origin").Single()); // a page of another origin may know
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(other));
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(client));
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(client));
    }

    [Fact]
    public async Task Rate_Exceeded_429ForEverybody()
    {
        await using var gateway = await StartAsync(new() { Rate = new() { Requests = 1, Per = TimeSpan.FromMinutes(1), Burst = 2 } });
        using var other = From("127.0.0.2", gateway.Port);
        await StatusAsync(gateway.Client);
        await StatusAsync(other);

        using var refused = await GetAsync(other);

        await Problems.AssertAsync(refused, HttpStatusCode.TooManyRequests, "All clients together send more requests than are served.");
        Assert.Equal("60", refused.Headers.RetryAfter!.ToString());
    }

    [Fact]
    public async Task Rate_OneAddressIsBeyondItsOwn_UsesUpNothingOfEverybodys()
    {
        await using var gateway = await StartAsync(new() { Rate = new() { Requests = 3 }, RatePerAddress = new() { Requests = 1 } });
        using var other = From("127.0.0.2", gateway.Port);

        for (var request = 0; request < 10; request++)
        {
            await StatusAsync(gateway.Client);
        }

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(other));
    }

    [Fact]
    public async Task RatePerIdentity_Exceeded_429ForThatIdentityWhereverItIs()
    {
        await using var gateway = await GuardedGateway.StartAsync(GuardedGateway.Http with
        {
            Limits = new() { RatePerIdentity = new() { Requests = 1 } },
            Routes = [GuardedGateway.Route("rest", "/items*")],
        });
        string Token(string name) => GuardedGateway.Issuer.Token(TestIssuer.Claims($$"""{"sub":"{{name}}"}"""));
        using var first = await gateway.GetAsync("/items", Token("alice"));
        using var again = await gateway.SendAsync(HttpMethod.Get, "/items", Token("alice"), client: gateway.Gateway.Http2);
        using var other = await gateway.GetAsync("/items", Token("bob"));
        using var nobody = await gateway.GetAsync("/items");

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        await Problems.AssertAsync(again, HttpStatusCode.TooManyRequests, "More requests come with these credentials than are served.");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
        gateway.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await gateway.GetAsync("/items", Token("alice"))).StatusCode);
    }

    [Fact]
    public async Task ConcurrentRequests_OneMore_503_UntilOneIsDone()
    {
        await using var gateway = await StartAsync(new() { ConcurrentRequests = 1 }, exit: "echo");
        using var busy = new TcpClient();
        await busy.ConnectAsync(IPAddress.Loopback, gateway.Port);
        await busy.GetStream().WriteAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n1"u8.ToArray());
        var answer = new StreamReader(busy.GetStream());
        while (!string.IsNullOrEmpty(await Eventually.CompletesAsync(answer.ReadLineAsync())))
        {
            // The head: it is under way.
        }

        using var refused = await GetAsync(gateway.Client);

        await Problems.AssertAsync(refused, HttpStatusCode.ServiceUnavailable, "As many requests are under way as there may be.");
        Assert.Equal("1", refused.Headers.RetryAfter!.ToString());
        await busy.GetStream().WriteAsync("2"u8.ToArray());
        await Eventually.HoldsAsync(async () => await StatusAsync(gateway.Client) == HttpStatusCode.OK);
    }

    [Fact]
    public async Task EventStreams_AreNoRequestsUnderWay_AndHaveALimitOfTheirOwn()
    {
        await using var gateway = await StartAsync(new() { ConcurrentRequests = 1, EventStreams = 2 });
        _ = gateway.Items;
        await using var one = await EventStream.OpenAsync(gateway.Client, "/events");
        await using (var two = await EventStream.OpenAsync(gateway.Client, "/events"))
        {
            await one.ExpectAsync("retry:2500\n\n");
            await two.ExpectAsync("retry:2500\n\n");
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(gateway.Client));

            using var refused = await gateway.Client.GetAsync("/events");

            await Problems.AssertAsync(refused, HttpStatusCode.ServiceUnavailable, "As many event streams are open as there may be.");
        }

        await Eventually.HoldsAsync(async () =>
        {
            await using var next = await EventStream.OpenAsync(gateway.Client, "/events");
            return next.Response.StatusCode == HttpStatusCode.OK;
        });
    }

    [Fact]
    public async Task Configuration_Changes_LimitsChange_ConnectionsAndWhatWasUsedStay()
    {
        await using var gateway = await StartAsync(new() { RatePerAddress = new() { Requests = 3, Per = TimeSpan.FromHours(1) } });
        for (var request = 0; request < 3; request++)
        {
            await StatusAsync(gateway.Client);
        }

        await gateway.ApplyAsync([gateway.Port], Http(new() { RatePerAddress = new() { Requests = 3, Per = TimeSpan.FromHours(1) }, ConcurrentRequests = 5 }, null));
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(gateway.Client));

        await gateway.ApplyAsync([gateway.Port], Http(null, null));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(gateway.Client));
        Assert.Single(gateway.Requests.Distinct()); // all from one port of the client
    }

    [Fact]
    public async Task Refusals_AreAllCounted_AndLoggedOnceAnInterval()
    {
        var counted = 0L;
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => { if (instrument.Name == "zilla.edge.refused") { l.EnableMeasurementEvents(instrument); } } };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            if (tags.Contains(new("binding", "counted")) && tags.Contains(new("limit", "rate")))
            {
                Interlocked.Add(ref counted, value);
            }
        });
        listener.Start();
        var limits = new RequestLimits { Rate = new() { Requests = 1, Per = TimeSpan.FromHours(1) } };
        await using var gateway = await Gateway.StartAsync(
            _time, new Dictionary<string, string?>(), new TcpServerBinding { Name = "tcp", Ports = [], Exit = "counted" }, Http(limits, null) with { Name = "counted" });

        for (var request = 0; request < 5; request++)
        {
            await StatusAsync(gateway.Client);
        }

        _time.Advance(TimeSpan.FromSeconds(10));
        await StatusAsync(gateway.Client);

        Assert.Equal(5, Interlocked.Read(ref counted));
        Assert.Equal(
            ["Warning counted is at its limit 'rate': 1 refused since last said", "Warning counted is at its limit 'rate': 4 refused since last said"],
            gateway.Log.Lines.Where(line => line.Contains("is at its limit", StringComparison.Ordinal)));
    }

    private Task<Gateway> StartAsync(RequestLimits limits, string? exit = null) =>
        Gateway.StartAsync(_time, new Dictionary<string, string?>(), Http(limits, exit), new EchoBinding { Name = "echo" });

    private static HttpServerBinding Http(RequestLimits? limits, string? exit)
    {
        var http = Quickstart.Bindings.OfType<HttpServerBinding>().Single();
        return exit is null ? http with { Limits = limits } : http with { Limits = limits, Exit = exit, Routes = [] };
    }

    private static async Task<HttpResponseMessage> GetAsync(HttpClient client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/nowhere")
        {
            Version = client.DefaultRequestVersion,
            VersionPolicy = client.DefaultVersionPolicy,
            Headers = { { "origin", "https://pages.example" } },
        };
        return await client.SendAsync(request);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var response = await GetAsync(client);
        return response.StatusCode;
    }

    /// <summary>A client with another address of this machine.</summary>
    private static HttpClient From(string address, int port) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
}
