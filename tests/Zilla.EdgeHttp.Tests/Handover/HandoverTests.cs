using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Zilla.Config.Bindings;
using Zilla.Edge.Handover;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.Handover;

/// <summary>Requests that leave an http server by its exit to a grpc server, and what comes back of the edge that has it.</summary>
public sealed class HandoverTests : IAsyncLifetime
{
    private readonly WebApplication _edge;
    private readonly int _port = FreePort.Next();
    private Gateway _gateway = null!;
    private HandedOver? _seen;
    private IHeaderDictionary? _headers;

    public HandoverTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port, endpoint => endpoint.Protocols = HttpProtocols.Http2));
        _edge = builder.Build();
        _edge.Map("{**path}", ServeAsync);
    }

    public async Task InitializeAsync()
    {
        await _edge.StartAsync();
        _gateway = await StartAsync(FreePort.Next(), _port);
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
        var (written, body) = (new TaskCompletionSource<Stream>(), new TaskCompletionSource());
        using var request = Call("/a.B/Echo", "");
        request.Content = new Written(written, body.Task);
        request.Content.Headers.ContentType = new("application/grpc");
        using var answer = await _gateway.Http2.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var stream = await written.Task;
        foreach (var line in (string[])["/a.B/Echo one", "two"])
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(line.Split(' ')[^1] + "\n"));
            await stream.FlushAsync();
            Assert.Equal(line, await lines.ReadLineAsync());
        }

        body.SetResult();
        Assert.Null(await lines.ReadLineAsync());
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

    /// <summary>The path, and the body back as it comes.</summary>
    private async Task ServeAsync(HttpContext context)
    {
        _seen = HandedOver.Decode(Assert.Single(context.Request.Headers[HandedOver.Header].AsEnumerable())!);
        _headers = new HeaderDictionary(context.Request.Headers.ToDictionary());
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-accept-encoding"] = "gzip";
        await context.Response.BodyWriter.FlushAsync();
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

    private sealed class Written(TaskCompletionSource<Stream> started, Task complete) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync();
            started.SetResult(stream);
            await complete;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }
    }
}
