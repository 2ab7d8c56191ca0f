using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Compression;
using Zilla.Edge.Calls;
using Zilla.EdgeGrpc.Tests.Protos;
using StatusCode = Grpc.Core.StatusCode;

namespace Zilla.EdgeGrpc.Tests.Calls;

/// <summary>The forms of calls, and what is refused of them.</summary>
public sealed class CallTests : IAsyncLifetime
{
    private const string Get = "/zilla.tests.Things/Get", Watch = "/zilla.tests.Things/Watch", Upload = "/zilla.tests.Things/Upload";

    private Gateway _gateway = null!;

    public async Task InitializeAsync()
    {
        _gateway = await Gateway.StartAsync(Gateway.Fetch("*/Get", "things"), Gateway.Fetch("*/Watch", "things"), Gateway.Produce("*/Upload", "uploads"));
        _gateway.Cache.Topic("uploads");
        _gateway.Cache.Topic("things").Append(0, null, new Everything { AString = new string('x', 2000), AnInt64 = 5 }.ToByteArray(), []);
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Json_Unary_IsAMessageEachWay()
    {
        using var answer = await PostAsync(Get, "application/json", "{}"u8.ToArray());
        Assert.Equal((HttpStatusCode.OK, "application/json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Equal($$"""{"anInt64":"5","aString":"{{new string('x', 2000)}}"}""", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Json_ServerStream_IsLines()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _gateway.Address + Watch) { Content = new StringContent("", Encoding.UTF8, "application/json") };
        using var answer = await _gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Contains("\"anInt64\":\"5\"", await lines.ReadLineAsync(), StringComparison.Ordinal);
        _gateway.Cache.Topic("things").Append(0, null, new Everything { ABool = true }.ToByteArray(), []);
        Assert.Equal("""{"aBool":true}""", await lines.ReadLineAsync());
    }

    [Fact]
    public async Task Json_ClientStream_IsLines()
    {
        using var answer = await PostAsync(Upload, "application/json", "{\"aString\":\"one\"}\n\n{\"aString\":\"two\"}"u8.ToArray());
        Assert.Equal("{}", await answer.Content.ReadAsStringAsync());
        Assert.Equal(["one", "two"], _gateway.Cache.Topic("uploads").Records(0).Where(r => r.Value is not null).Select(r => Everything.Parser.ParseFrom(r.Value).AString));
    }

    [Theory]
    [InlineData(Get, """{"nope":1}""", HttpStatusCode.BadRequest, "InvalidArgument: $.nope: zilla.tests.Everything has no such field")]
    [InlineData(Get, """{"aString":"x"}""", HttpStatusCode.BadRequest, "takes no arguments")]
    [InlineData(Get, "x", HttpStatusCode.BadRequest, "InvalidArgument: $: not JSON at byte 1: 'x' is an invalid start of a value.")]
    [InlineData(Upload, "{}\n\n[]", HttpStatusCode.BadRequest, "InvalidArgument: Line 3 has to be one message. $: Object is expected, and not Array")]
    public async Task Json_Refused_IsAProblem(string path, string body, HttpStatusCode status, string detail)
    {
        using var answer = await PostAsync(path, "application/json", Encoding.UTF8.GetBytes(body));
        Assert.Equal((status, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Contains(detail, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/grpc-web+proto")]
    [InlineData("application/grpc-web-text")]
    public async Task Web_HasTheMessageThenTheTrailers(string type)
    {
        var isText = type.Contains("text", StringComparison.Ordinal);
        byte[] frame = [0, 0, 0, 0, 0];
        using var answer = await PostAsync(Get, type, isText ? Encoding.ASCII.GetBytes(Convert.ToBase64String(frame)) : frame);
        var body = await answer.Content.ReadAsByteArrayAsync();
        body = isText ? Decode(Encoding.ASCII.GetString(body)) : body;
        var length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(1));
        Assert.Equal(5, Everything.Parser.ParseFrom(body.AsSpan(5, length).ToArray()).AnInt64);
        Assert.Equal(0x80, body[5 + length]);
        Assert.Equal("grpc-status: 0\r\n", Encoding.ASCII.GetString(body.AsSpan(10 + length)));
    }

    [Fact]
    public async Task Gzip_BothWays()
    {
        using var channel = GrpcChannel.ForAddress(_gateway.Address, new() { CompressionProviders = [new GzipCompressionProvider(System.IO.Compression.CompressionLevel.Fastest)] });
        var client = new Things.ThingsClient(channel);
        using var call = client.Upload(new Metadata { { "grpc-internal-encoding-request", "gzip" } });
        await call.RequestStream.WriteAsync(new Everything { AString = new string('y', 100_000) });
        await call.RequestStream.CompleteAsync();
        await call.ResponseAsync;
        Assert.Equal(100_000, Everything.Parser.ParseFrom(_gateway.Cache.Topic("uploads").Records(0)[0].Value).AString.Length);
        Assert.Equal(5, (await client.GetAsync(new Everything())).AnInt64);
    }

    [Fact]
    public async Task Message_LargerThanAllowed_IsRefused()
    {
        using var call = _gateway.Things.Upload();
        _ = call.RequestStream.WriteAsync(new Everything { SomeBytes = ByteString.CopyFrom(new byte[(1 << 20) + 1]) }).ContinueWith(written => written.Exception, TaskScheduler.Default);
        var failure = await Assert.ThrowsAnyAsync<RpcException>(() => call.ResponseAsync);
        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
    }

    [Fact]
    public async Task Method_ThatIsNotThere_IsUnimplemented()
    {
        using var answer = await Http2Async("/zilla.tests.Things/Nope", "application/grpc", te: "trailers");
        Assert.Equal("12", Assert.Single(answer.Headers.GetValues("grpc-status")));
        Assert.Contains("no method zilla.tests.Things/Nope", Uri.UnescapeDataString(Assert.Single(answer.Headers.GetValues("grpc-message"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Path_WithASlashTooMany_IsNoMethod()
    {
        // The routes of the http server before it have judged another path.
        using var answer = await Http2Async("/" + Get, "application/grpc", te: "trailers");
        Assert.Equal("12", Assert.Single(answer.Headers.GetValues("grpc-status")));
    }

    [Fact]
    public async Task Request_ThatIsNoCall_IsToldSoInHttp()
    {
        using var get = await _gateway.Http.GetAsync(_gateway.Address + Get);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
        using var text = await PostAsync(Get, "text/plain", []);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, text.StatusCode);
        using var json = new HttpRequestMessage(HttpMethod.Post, _gateway.Address + Get) { Content = new ByteArrayContent([0x1F, 0x8B]) { Headers = { { "Content-Type", "application/json" }, { "Content-Encoding", "gzip" } } } };
        using var compressed = await _gateway.Http.SendAsync(json);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, compressed.StatusCode);
        Assert.Contains("without content-encoding", await compressed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Grpc_WithoutTeOrWithATimeoutThatIsNone_IsRefused()
    {
        using var te = await Http2Async(Get, "application/grpc", te: null);
        Assert.Equal("13", Assert.Single(te.Headers.GetValues("grpc-status")));
        using var timeout = await Http2Async(Get, "application/grpc", "trailers", ("grpc-timeout", "1x"));
        Assert.Equal("13", Assert.Single(timeout.Headers.GetValues("grpc-status")));
        using var encoding = await Http2Async(Get, "application/grpc", "trailers", ("grpc-encoding", "br"));
        Assert.Equal("12", Assert.Single(encoding.Headers.GetValues("grpc-status")));
    }

    [Fact]
    public async Task Timeout_LongerThanAnyTimer_IsNone()
    {
        using var answer = await Http2Async(Get, "application/grpc", "trailers", ("grpc-timeout", "99999999H"));
        await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal("0", Assert.Single(answer.TrailingHeaders.GetValues("grpc-status")));
    }

    private async Task<HttpResponseMessage> PostAsync(string path, string type, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _gateway.Address + path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return await _gateway.Http.SendAsync(request);
    }

    private async Task<HttpResponseMessage> Http2Async(string path, string type, string? te, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _gateway.Address + path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent([0, 0, 0, 0, 0]) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (te is not null)
        {
            request.Headers.TE.ParseAdd(te);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await _gateway.Http.SendAsync(request);
    }

    private static byte[] Decode(string text)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        System.Buffers.ReadOnlySequence<byte> buffer = new(Encoding.ASCII.GetBytes(text));
        Assert.True(WebText.TryDecode(ref buffer, output));
        return output.WrittenSpan.ToArray();
    }
}
