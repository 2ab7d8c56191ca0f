using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Zilla.Config.Bindings;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.Handover;

/// <summary>Calls whose answer breaks off on its way from the gRPC edge: here one that answers what it was sent, and goes away once that has come to the client.</summary>
public sealed class BrokenAnswerTests : IAsyncLifetime
{
    private const string Origin = "https://page.example", Gone = "The gRPC edge has gone away: ";

    private static readonly byte[] Message = [0, 0, 0, 0, 3, 1, 2, 3], Trailers = [0x80, 0, 0, 0, 17, .. "grpc-status: 12\r\n"u8];

    private readonly FakeGrpcEdge _edge;
    private readonly TaskCompletionSource _received = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Gateway _gateway = null!;

    public BrokenAnswerTests() => _edge = new FakeGrpcEdge(ServeAsync);

    public async Task InitializeAsync()
    {
        await _edge.StartAsync();
        _gateway = await Gateway.StartAsync(
            TimeProvider.System, new Dictionary<string, string?> { ["services:edge-grpc:grpc:0"] = $"http://127.0.0.1:{_edge.Port}" },
            new HttpServerBinding { Name = "http", Exit = "grpc", CrossOrigin = new CrossOriginPolicy { ExposeHeaders = ["etag"] } }, new GrpcServerBinding { Name = "grpc" });
    }

    public async Task DisposeAsync()
    {
        _received.TrySetResult();
        await _gateway.DisposeAsync();
        await _edge.DisposeAsync();
    }

    [Theory]
    [InlineData("application/grpc")]
    [InlineData("application/grpc-web+proto")]
    [InlineData("application/grpc-web-text+proto")]
    public async Task BeforeAnyOfIt_IsUnavailable_AndAPageMayReadIt(string type)
    {
        _received.SetResult();
        using var answer = await CallAsync(type, []);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("14", Assert.Single(answer.Headers.GetValues("grpc-status")));
        Assert.StartsWith(Gone, Assert.Single(answer.Headers.GetValues("grpc-message")).Replace("cannot be reached", "has gone away", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("of-the-edge"));
        Assert.Equal("*", Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Equal("etag, grpc-status, grpc-message, grpc-status-details-bin", string.Join(", ", answer.Headers.GetValues("Access-Control-Expose-Headers")));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(6)]
    [InlineData(3)]
    public async Task Grpc_EndsWithTrailers_WhereverItWas(int length)
    {
        using var answer = await CallAsync("application/grpc", Message[..length]);
        Assert.Equal(Message[..length], await RestAsync(answer, length));
        Assert.Equal("14", Assert.Single(answer.TrailingHeaders.GetValues("grpc-status")));
        Assert.StartsWith(Gone, Assert.Single(answer.TrailingHeaders.GetValues("grpc-message")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Web_BetweenMessages_EndsWithItsLastFrame(bool isText)
    {
        var sent = isText ? Encoding.ASCII.GetBytes(Convert.ToBase64String(Message)) : Message;
        using var answer = await CallAsync(isText ? "application/grpc-web-text" : "application/grpc-web", sent);
        var rest = (await RestAsync(answer, sent.Length))[sent.Length..];
        rest = isText ? Convert.FromBase64String(Encoding.ASCII.GetString(rest)) : rest;
        Assert.Equal((0x80, rest.Length - 5), (rest[0], rest[4]));
        Assert.StartsWith($"grpc-status: 14\r\ngrpc-message: {Gone}", Encoding.ASCII.GetString(rest[5..]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_BetweenTwo_EndWithOneOfTheError()
    {
        var sent = "{}\n"u8.ToArray();
        using var answer = await CallAsync("application/x-ndjson", sent);
        var line = Encoding.UTF8.GetString((await RestAsync(answer, sent.Length))[sent.Length..]);
        Assert.StartsWith($"{{\"error\":{{\"code\":14,\"message\":\"{Gone}", line, StringComparison.Ordinal);
        Assert.EndsWith("\"}}\n", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/grpc-web", 6)]
    [InlineData("application/json", 3)]
    [InlineData("application/x-ndjson", 3)]
    public async Task Others_WithinAMessage_BreakOff(string type, int length)
    {
        using var answer = await CallAsync(type, Message[..length]);
        await Assert.ThrowsAnyAsync<IOException>(() => RestAsync(answer, length));
    }

    [Fact]
    public async Task Web_BehindItsLastFrame_HasEnded()
    {
        byte[] whole = [.. Message, .. Trailers];
        using var answer = await CallAsync("application/grpc-web", whole);
        Assert.Equal(whole, await RestAsync(answer, whole.Length));
    }

    [Fact]
    public async Task Web_RefusedByTheEdgeItself_APageMayReadItToo()
    {
        using var answer = await CallAsync("application/grpc-web", [], "/a.B/Refuse");
        Assert.Equal("12", Assert.Single(answer.Headers.GetValues("grpc-status")));
        Assert.Equal("etag, grpc-status, grpc-message, grpc-status-details-bin", string.Join(", ", answer.Headers.GetValues("Access-Control-Expose-Headers")));
    }

    /// <summary>Reads so much, has the edge go away, and reads what comes then.</summary>
    private async Task<byte[]> RestAsync(HttpResponseMessage answer, int length)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync();
        var body = new byte[length];
        await stream.ReadExactlyAsync(body);
        _received.SetResult();
        using var rest = new MemoryStream();
        await stream.CopyToAsync(rest);
        return [.. body, .. rest.ToArray()];
    }

    private async Task<HttpResponseMessage> CallAsync(string type, byte[] answer, string path = "/a.B/C")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent(answer) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        request.Headers.Add("Origin", Origin);
        return await Eventually.CompletesAsync(_gateway.Http2.SendAsync(request, HttpCompletionOption.ResponseHeadersRead));
    }

    private async Task ServeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        context.Response.ContentType = context.Request.ContentType;
        context.Response.Headers["of-the-edge"] = "1";
        if (context.Request.Path == "/a.B/Refuse")
        {
            context.Response.Headers["grpc-status"] = "12";
            return;
        }

        await context.Response.StartAsync();
        await context.Response.Body.WriteAsync(body.ToArray());
        await context.Response.Body.FlushAsync();
        await _received.Task;
        context.Abort();
    }
}
