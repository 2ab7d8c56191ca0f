using System.Net.Sockets;
using Zilla.Config.Bindings;
using Zilla.Config.Telemetry;
using Zilla.EdgeHttp.Tests.Sse;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.Server;

/// <summary><c>telemetry</c> of a binding: <c>stream.*</c> (reference §3.5), which metrics there are of it, and attributes.</summary>
public sealed class StreamMetricsTests
{
    private static readonly IReadOnlyList<string> All = MetricNames.Matching("stream.*");

    [Fact]
    public async Task Request_IsAStreamOfTheHttpServer_AndOfWhatItsRouteLeadsTo()
    {
        using var measured = new Measured("http-s1", "rest-s1", "files");
        await using var gateway = await StartAsync("s1", All);
        _ = gateway.Items;

        using var put = await gateway.Client.PutAsync("/items/1", new StringContent("12345"));
        await gateway.Client.GetStringAsync("/items"); // [12345]

        string[] expected =
        [
            "stream.closes.received = 2", "stream.closes.sent = 2", "stream.data.received = 5", "stream.data.sent = 7", "stream.opens.received = 2", "stream.opens.sent = 2",
        ];
        await MeasuredAsync(expected, () => measured.Of("http-s1"));
        await MeasuredAsync(expected, () => measured.Of("rest-s1"));
        Assert.Equal([], measured.Of("files"));
    }

    [Fact]
    public async Task EventStream_CountsWhileItIsOpen_OneThatIsBrokenOffIsAnError()
    {
        using var measured = new Measured("sse-s2");
        await using var gateway = await StartAsync("s2", All);
        gateway.Items.Append(0, "1", "a");
        const string Sent = "retry:2500\n\nid:AQIAAg==\ndata:a\n\n";

        await using (var events = await EventStream.OpenAsync(gateway.Client, "/events"))
        {
            await events.ExpectAsync(Sent);
            string[] open = ["stream.active.received = 1", "stream.active.sent = 1", $"stream.data.sent = {Sent.Length}", "stream.opens.received = 1", "stream.opens.sent = 1"];
            await MeasuredAsync(open, () => measured.Of("sse-s2"));
        }

        string[] gone = [$"stream.data.sent = {Sent.Length}", "stream.errors.received = 1", "stream.errors.sent = 1", "stream.opens.received = 1", "stream.opens.sent = 1"];
        await MeasuredAsync(gone, () => measured.Of("sse-s2"));
    }

    [Fact]
    public async Task Connection_IsAStreamOfTheTcpServer_ItsBytesAreThoseOfTheNetwork()
    {
        using var measured = new Measured("tcp-s3");
        await using var gateway = await StartAsync("s3", All);
        var request = "GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray();
        long received = 0;

        using (var client = new TcpClient())
        {
            await client.ConnectAsync("127.0.0.1", gateway.Port);
            await client.GetStream().WriteAsync(request);
            var buffer = new byte[4096];
            for (int read; (read = await client.GetStream().ReadAsync(buffer)) > 0;)
            {
                received += read;
            }
        }

        string[] expected =
        [
            "stream.closes.received = 1", "stream.closes.sent = 1", $"stream.data.received = {request.Length}", $"stream.data.sent = {received}", "stream.opens.received = 1", "stream.opens.sent = 1",
        ];
        await MeasuredAsync(expected, () => measured.Of("tcp-s3"));
    }

    [Fact]
    public async Task Telemetry_NamesSome_ThereAreNoOthers()
    {
        using var measured = new Measured("http-s4", "tcp-s4");
        await using var gateway = await StartAsync("s4", ["stream.opens.received", "http.request.size"]);

        using var put = await gateway.Client.PutAsync("/items/1", new StringContent("12345"));

        string[] expected = ["http.request.size = 5", "stream.opens.received = 1"];
        await MeasuredAsync(expected, () => measured.Of("http-s4"));
        Assert.Equal(["stream.opens.received = 1"], measured.Of("tcp-s4"));
    }

    [Fact]
    public async Task Attributes_AreTags_ExpressionsStandForTheRequestAndItsResponse()
    {
        using var measured = new Measured("http-s5");
        await using var gateway = await StartAsync("s5", ["http.duration", "http.active.requests", "stream.opens.received"], new()
        {
            ["tier"] = "gold",
            ["method"] = "${http.request.method}",
            ["path"] = "${http.request.path}",
            ["status"] = "${http.response.status}",
            ["tenant"] = "${http.request.x-tenant}",
            ["type"] = "${http.response.content-type}",
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/nowhere?secret=1") { Headers = { { "x-tenant", new string('t', 200) } } };

        using var first = await gateway.Client.SendAsync(request);
        using var second = await gateway.Client.DeleteAsync("/nowhere");

        string[] expected =
        [
            "http.duration {tier=gold,method=DELETE,path=/nowhere,status=404,type=application/problem+json} = 1",
            $"http.duration {{tier=gold,method=GET,path=/nowhere,status=404,tenant={new string('t', 128)},type=application/problem+json}} = 1",
            "stream.opens.received {tier=gold} = 2",
        ];
        await MeasuredAsync(expected, () => measured.Of("http-s5"));
    }

    private static async Task MeasuredAsync(string[] expected, Func<IReadOnlyList<string>> measured)
    {
        try
        {
            await Eventually.HoldsAsync(() => expected.SequenceEqual(measured()));
        }
        catch (TimeoutException)
        {
            Assert.Equal(expected, measured());
        }
    }

    /// <summary>The quickstart, with telemetry at its bindings; names end in <paramref name="name"/>, so that nobody else's measurements count.</summary>
    private static Task<Gateway> StartAsync(string name, IReadOnlyList<string> metrics, Dictionary<string, string>? attributes = null)
    {
        var telemetry = new BindingTelemetry { Metrics = metrics, Attributes = attributes ?? [] };
        var http = Quickstart.Bindings.OfType<HttpServerBinding>().Single();
        return Gateway.StartAsync(
            new TcpServerBinding { Name = $"tcp-{name}", Ports = [], Exit = $"http-{name}", Telemetry = telemetry },
            http with
            {
                Name = $"http-{name}",
                Telemetry = telemetry,
                Routes = [.. http.Routes.Select(route => route with { Exit = route.Exit == "files" ? "files" : $"{route.Exit}-{name}" })],
            },
            Quickstart.Bindings.OfType<HttpKafkaBinding>().Single() with { Name = $"rest-{name}", Telemetry = telemetry },
            Quickstart.Bindings.OfType<SseServerBinding>().Single() with { Name = $"sse-{name}", Telemetry = telemetry });
    }
}
