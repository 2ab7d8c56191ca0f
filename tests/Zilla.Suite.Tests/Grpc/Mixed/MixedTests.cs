using System.Buffers.Binary;
using System.Net;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Zilla.Suite.Tests.Faults;
using Zilla.Suite.Tests.Telemetry;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Grpc.Mixed;

/// <summary>Calls through a port of the HTTP edge: refused there, seen in a trace, and caught by the death of the gRPC edge.</summary>
public sealed class MixedTests(MixedSuite suite) : IClassFixture<MixedSuite>
{
    private const string Talk = "zilla.tests.Calls/Talk", Question = """{"text":"a"}""";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [RequiresToolFact("node", "npm")]
    public async Task Refused_GrpcJsIsToldTheStatusAndTheReason()
    {
        Assert.Equal("UNAUTHENTICATED: This needs credentials.", await CallAsync(suite.Guarded));
        Assert.Equal("PERMISSION_DENIED: The credentials are not accepted.", await CallAsync(suite.Guarded, "no-token"));
        Assert.Equal($"PERMISSION_DENIED: What the client has been granted does not include /{Talk}.", await CallAsync(suite.Guarded, suite.Token("other")));
        Assert.Contains("\"text\":\"a\"", await CallAsync(suite.Guarded, suite.Token("call")), StringComparison.Ordinal);

        Assert.Contains("\"text\":\"a\"", await CallAsync(suite.Limited), StringComparison.Ordinal);
        Assert.Equal("RESOURCE_EXHAUSTED: All clients together send more requests than are served.", await CallAsync(suite.Limited));
    }

    [Fact]
    public async Task Call_IsOneTrace_TheHopASpanBetweenThoseOfTheEdges()
    {
        const string ClientsSpan = "00f067aa0ba902b7";
        var trace = Guid.NewGuid().ToString("N");
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{suite.Port}");
        await SayAsync(channel, new Metadata { { "traceparent", $"00-{trace}-{ClientsSpan}-01" } });

        // A span is told when it is over, and the processes tell theirs when they like.
        var request = await SpanAsync(trace, span => span.ParentSpanId == ClientsSpan);
        var hop = await SpanAsync(trace, span => span.ParentSpanId == request.SpanId && span.Name == "hand over to grpc0");
        var call = await SpanAsync(trace, span => span.ParentSpanId == hop.SpanId);
        Assert.Equal(("edge-http", "edge-http", "edge-grpc"), (request.Service, hop.Service, call.Service));
    }

    [RequiresToolFact("node", "npm")]
    public async Task GrpcEdge_Killed_CallsUnderWayAreUnavailable_AndTheNextAreAnsweredWhenItIsBack()
    {
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        await PostEntryAsync(http);
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{suite.Port}");
        var calls = new Calls.CallsClient(channel);
        using var talk = calls.Talk();
        await talk.RequestStream.WriteAsync(new() { Text = "a" });
        Assert.True(await Eventually.CompletesAsync(talk.ResponseStream.MoveNext(), Patience));
        using var followed = await FollowAsync(http);
        await using var stream = await followed.Content.ReadAsStreamAsync();
        await ReadFrameAsync(stream);
        await using var asking = await NodeClients.StartAsync("grpc-call.mjs", $"127.0.0.1:{suite.Port}", "calls.proto", "zilla.tests.Calls/Ask", Question);
        await Eventually.HoldsAsync(async () => (await new[] { suite.Grpc }.CountAsync("grpc_active_requests")).Sum() >= 3, Patience, "three calls are under way");

        await suite.Grpc.KillAsync();

        var ended = await Assert.ThrowsAsync<RpcException>(() => Eventually.CompletesAsync(talk.ResponseStream.MoveNext(), Patience));
        Assert.Equal(StatusCode.Unavailable, ended.StatusCode);
        Assert.StartsWith("The gRPC edge has gone away: ", ended.Status.Detail, StringComparison.Ordinal);
        var (flags, trailers) = await ReadFrameAsync(stream);
        Assert.Equal(0x80, flags);
        Assert.StartsWith("grpc-status: 14\r\ngrpc-message: The gRPC edge has gone away: ", trailers, StringComparison.Ordinal);
        Assert.Equal(0, await stream.ReadAsync(new byte[1]));
        await asking.WaitForExitAsync(Patience);
        Assert.StartsWith("UNAVAILABLE: The gRPC edge ", asking.Lines.Last(), StringComparison.Ordinal);
        var away = await Assert.ThrowsAsync<RpcException>(async () => await calls.AskAsync(new() { Text = "b" }));
        Assert.Equal(StatusCode.Unavailable, away.StatusCode);
        Assert.StartsWith("The gRPC edge cannot be reached: ", away.Status.Detail, StringComparison.Ordinal);

        await suite.Grpc.RestartAsync();

        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                await SayAsync(channel, []);
                return true;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
            {
                return false; // it is there, and has not its plan yet
            }
        }, Patience, $"calls are answered again\n{suite.Output}");
    }

    /// <summary>What grpc-js prints.</summary>
    private static async Task<string> CallAsync(int port, string? token = null)
    {
        await using var client = await NodeClients.StartAsync("grpc-call.mjs", [$"127.0.0.1:{port}", "calls.proto", Talk, .. token is null ? (string[])[] : [$"authorization=Bearer {token}"], Question]);
        await client.WaitForExitAsync(Patience);
        return client.Lines.Last();
    }

    private static async Task SayAsync(GrpcChannel channel, Metadata metadata)
    {
        using var talk = new Calls.CallsClient(channel).Talk(metadata, DateTime.UtcNow + Patience);
        await talk.RequestStream.WriteAsync(new() { Text = "a" });
        await talk.RequestStream.CompleteAsync();
        Assert.True(await talk.ResponseStream.MoveNext());
        Assert.Equal("a", talk.ResponseStream.Current.Text);
        Assert.False(await talk.ResponseStream.MoveNext());
    }

    private async Task<CollectedSpan> SpanAsync(string trace, Func<CollectedSpan, bool> isIt)
    {
        await Eventually.HoldsAsync(() => suite.Spans.Spans.Any(span => span.TraceId == trace && isIt(span)), Patience, $"there is the span among:\n{string.Join('\n', suite.Spans.Spans.Where(span => span.TraceId == trace))}");
        return Assert.Single(suite.Spans.Spans, span => span.TraceId == trace && isIt(span));
    }

    private async Task PostEntryAsync(HttpClient http)
    {
        using var entry = new ByteArrayContent([8, 1]);
        using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{suite.Port}/entries"), entry);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    /// <summary>A stream of gRPC-Web, over HTTP/1.1.</summary>
    private async Task<HttpResponseMessage> FollowAsync(HttpClient http)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{suite.Port}/zilla.tests.Feed/Follow") { Content = new ByteArrayContent(new byte[5]) };
        request.Content.Headers.ContentType = new("application/grpc-web+proto");
        return await Eventually.CompletesAsync(http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead), Patience);
    }

    private static async Task<(int Flags, string Text)> ReadFrameAsync(Stream stream)
    {
        using var deadline = new CancellationTokenSource(Patience);
        var prefix = new byte[5];
        await stream.ReadExactlyAsync(prefix, deadline.Token);
        var body = new byte[BinaryPrimitives.ReadInt32BigEndian(prefix.AsSpan(1))];
        await stream.ReadExactlyAsync(body, deadline.Token);
        return (prefix[0], Encoding.ASCII.GetString(body));
    }
}
