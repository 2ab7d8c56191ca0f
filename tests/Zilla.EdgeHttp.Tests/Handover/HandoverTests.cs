using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Zilla.Config.Bindings;
using Zilla.Edge.Handover;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.Handover;

/// <summary>Requests that leave an http server by its exit to a grpc server, and what comes back of the edge that has it.</summary>
public sealed class HandoverTests : IAsyncLifetime
{
    private const int Large = 500_000;

    private readonly FakeGrpcEdge _edge;
    private Gateway _gateway = null!;
    private HandedOver? _seen;
    private IHeaderDictionary? _headers;

    public HandoverTests() => _edge = new FakeGrpcEdge(ServeAsync);

    public async Task InitializeAsync()
    {
        await _edge.StartAsync();
        _gateway = await StartAsync(FreePort.Next(), _edge.Port);
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _edge.DisposeAsync();
    }

    [Fact]
    public async Task Request_IsHandedOverWhole_AndTheAnswerComesBackWithItsTrailers()
    {
        // The first instance is not there: every other request would fail, if that were not passed over.
        for (var i = 0; i < 4; i++)
        {
            using var request = Call("/a.B/Echo", "message");
            request.Headers.TryAddWithoutValidation(HandedOver.Header, new HandedOver { Exit = "forged", Scheme = "https", Host = "h", Grants = [new("g", "me", [], new Dictionary<string, string>(), null)] }.Encode());
            request.Headers.TryAddWithoutValidation("authorization", "Bearer token");
            request.Headers.TryAddWithoutValidation("tenant", "a");
            using var answer = await _gateway.Http2.SendAsync(request);
            Assert.Equal(("/a.B/Echo message", "0"), (await answer.Content.ReadAsStringAsync(), Assert.Single(answer.TrailingHeaders.GetValues("grpc-status"))));
            Assert.Equal(("grpc", "http", $"127.0.0.1:{_gateway.Port}", "127.0.0.1", "Bearer token"), (_seen!.Exit, _seen.Scheme, _seen.Host, _seen.Address, _seen.Authorization));
            Assert.Empty(_seen.Grants);
            Assert.Equal(("a", 0), (_headers!["tenant"].ToString(), _headers.Authorization.Count));
        }
    }

    [Fact]
    public async Task Stream_GoesOnPieceByPiece_BothWays()
    {
        using var talk = await Talk.BeginAsync(_gateway);
        Assert.Equal("/a.B/Echo one", await talk.SayAsync("one"));
        Assert.Equal("two", await talk.SayAsync("two"));
        Assert.Null(await talk.EndAsync());
    }

    /// <summary>The edges' servers end the connection of a head that they do not take, and others have their calls on it.</summary>
    [Theory]
    [InlineData(true, 95, 1)]
    [InlineData(false, 1, 25 << 10)]
    [InlineData(false, 2, 16_000)]
    public async Task Head_ThatIsNotTakenThere_IsRefused_AndCallsOfOthersGoOn(bool http2, int fields, int length)
    {
        using var talk = await Talk.BeginAsync(_gateway);
        Assert.Equal("/a.B/Echo one", await talk.SayAsync("one"));
        using var request = Call("/a.B/Echo", "x");
        request.Version = http2 ? HttpVersion.Version20 : HttpVersion.Version11;
        request.Headers.TE.Clear();
        request.Content = JsonContent.Create("x");
        for (var field = 0; field < fields; field++)
        {
            request.Headers.Add($"x-{field}", new string('x', length));
        }

        using var refused = await (http2 ? _gateway.Http2 : _gateway.Client).SendAsync(request);
        await Problems.AssertAsync(refused, HttpStatusCode.RequestHeaderFieldsTooLarge, "The headers, and what the credentials say, are too large.");
        Assert.Equal("two", await talk.SayAsync("two"));
        Assert.Null(await talk.EndAsync());
    }

    [Fact]
    public async Task Metadata_OfALargeRecord_ComeThrough_AndCallsOfOthersGoOn()
    {
        using var talk = await Talk.BeginAsync(_gateway);
        Assert.Equal("/a.B/Echo one", await talk.SayAsync("one"));
        using var client = new HttpClient(new SocketsHttpHandler { MaxResponseHeadersLength = 1 << 10 }) { BaseAddress = _gateway.Client.BaseAddress };
        using var answer = await client.PostAsync(new Uri("/a.B/Large", UriKind.Relative), new StringContent("{}", Encoding.UTF8, "application/json"));
        Assert.Equal((HttpStatusCode.OK, Large), (answer.StatusCode, Assert.Single(answer.Headers.GetValues("large")).Length));
        Assert.Equal("two", await talk.SayAsync("two"));
        Assert.Null(await talk.EndAsync());
    }

    /// <summary>A head of an answer may be there before the body was found to be none.</summary>
    [Fact]
    public async Task Body_ThatIsNone_IsItsClientsFault()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _gateway.Port);
        var stream = client.GetStream();
        await stream.WriteAsync("POST /a.B/Whole HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"u8.ToArray());
        await Eventually.HoldsAsync(() => _seen is not null);
        await stream.WriteAsync("no chunk\r\n"u8.ToArray());
        using var reader = new StreamReader(stream);
        var answer = await Eventually.CompletesAsync(reader.ReadToEndAsync());
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("grpc-accept-encoding", answer, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What one of them has on its way is counted for it there.</summary>
    [Fact]
    public async Task Connections_OfClients_AreToldApart()
    {
        var seen = new List<string?>();
        foreach (var client in (HttpClient[])[_gateway.Client, _gateway.Http2, _gateway.Client, _gateway.Http2])
        {
            using var request = Call("/a.B/Echo", "x");
            request.Version = client.DefaultRequestVersion;
            request.Content!.Headers.ContentType = new("application/json");
            using var answer = await client.SendAsync(request);
            await answer.Content.ReadAsByteArrayAsync();
            seen.Add(_seen!.Connection);
        }

        Assert.Equal(seen[..2], seen[2..]);
        Assert.NotEqual(seen[0], seen[1]);
    }

    [Fact]
    public async Task Edge_ThatIsNotThere_IsUnavailable_InTheWordsOfTheClient()
    {
        await using var alone = await StartAsync(FreePort.Next());
        using var call = Call("/a.B/C", "x");
        using var answer = await alone.Http2.SendAsync(call);
        Assert.Equal((HttpStatusCode.OK, "14"), (answer.StatusCode, Assert.Single(answer.Headers.GetValues("grpc-status"))));
        using var json = await alone.Client.PostAsync(new Uri("/a.B/C", UriKind.Relative), new StringContent("{}", Encoding.UTF8, "application/json"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"), (json.StatusCode, json.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task Edge_ThatDies_EndsTheCallWithAStatus()
    {
        using var request = Call("/a.B/Break", "x");
        using var answer = await _gateway.Http2.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await answer.Content.ReadAsByteArrayAsync();

        // In the head, if that had not gone yet.
        Assert.Equal("14", Assert.Single((answer.TrailingHeaders.Contains("grpc-status") ? answer.TrailingHeaders : answer.Headers).GetValues("grpc-status")));
    }

    [Theory]
    [InlineData("//elsewhere.example/a.B/C")]
    [InlineData("/a.B/../c.D/E")]
    [InlineData("/a.B/%2e%2e/c.D/E")]
    [InlineData("//a.B/C")]
    [InlineData("/a.B/C?d")]
    [InlineData("/a..B/C")]
    [InlineData("/a.B")]
    [InlineData("/")]
    public async Task Path_ThatNoMethodHas_IsNotHandedOver(string path)
    {
        // Not by a client of ours, which would put it in order.
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _gateway.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}"));
        using var answer = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 404 ", await answer.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Null(_seen);
    }

    [Fact]
    public async Task Method_OtherThanPost_IsNotHandedOver()
    {
        using var answer = await _gateway.Client.GetAsync(new Uri("/a.B/C", UriKind.Relative));
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "POST"), (answer.StatusCode, Assert.Single(answer.Content.Headers.Allow)));
        Assert.Null(_seen);
    }

    [Fact]
    public async Task Grpc_OverHttp1_IsRefused()
    {
        using var content = new ByteArrayContent([0, 0, 0, 0, 0]);
        content.Headers.ContentType = new("application/grpc");
        using var answer = await _gateway.Client.PostAsync(new Uri("/a.B/C", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private static Task<Gateway> StartAsync(params int[] instances) => Gateway.StartAsync(
        TimeProvider.System,
        instances.Index().ToDictionary(instance => $"services:edge-grpc:grpc:{instance.Index}", instance => (string?)$"http://127.0.0.1:{instance.Item}"),
        new TcpServerBinding { Name = "tcp", Ports = [], Exit = "mixed" }, new HttpServerBinding { Name = "mixed", Exit = "grpc" }, new GrpcServerBinding { Name = "grpc" });

    private static HttpRequestMessage Call(string path, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new StringContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.ParseAdd("trailers");
        return request;
    }

    /// <summary>The path, and the body back as it comes; <c>/a.B/Whole</c> answers once it has all of the body.</summary>
    private async Task ServeAsync(HttpContext context)
    {
        _seen = HandedOver.Decode(Assert.Single(context.Request.Headers[HandedOver.Header].AsEnumerable())!);
        _headers = new HeaderDictionary(context.Request.Headers.ToDictionary());
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-accept-encoding"] = "gzip";
        if (context.Request.Path == "/a.B/Large")
        {
            context.Response.Headers["large"] = new string('x', Large);
        }

        await context.Response.BodyWriter.FlushAsync();
        if (context.Request.Path == "/a.B/Whole")
        {
            await new StreamReader(context.Request.Body).ReadToEndAsync();
        }

        await context.Response.WriteAsync($"{context.Request.Path}{context.Request.QueryString} ");
        if (context.Request.Path == "/a.B/Break")
        {
            await context.Response.BodyWriter.FlushAsync();
            context.Abort();
            return;
        }

        await context.Request.Body.CopyToAsync(context.Response.Body);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    /// <summary>A call of which each line is answered before the next is sent.</summary>
    private sealed class Talk : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private HttpResponseMessage? _answer;
        private StreamReader? _lines;

        public static async Task<Talk> BeginAsync(Gateway gateway)
        {
            var talk = new Talk();
            var request = Call("/a.B/Echo", "");
            request.Content = talk;
            talk.Headers.ContentType = new("application/grpc");
            talk._answer = await Eventually.CompletesAsync(gateway.Http2.SendAsync(request, HttpCompletionOption.ResponseHeadersRead));
            talk._lines = new StreamReader(await talk._answer.Content.ReadAsStreamAsync());
            return talk;
        }

        public async Task<string?> SayAsync(string line)
        {
            var stream = await _started.Task;
            await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\n"));
            await stream.FlushAsync();
            return await Eventually.CompletesAsync(_lines!.ReadLineAsync());
        }

        public Task<string?> EndAsync()
        {
            _over.SetResult();
            return Eventually.CompletesAsync(_lines!.ReadLineAsync());
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync();
            _started.SetResult(stream);
            await _over.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            _lines?.Dispose();
            _answer?.Dispose();
            base.Dispose(disposing);
        }
    }
}
