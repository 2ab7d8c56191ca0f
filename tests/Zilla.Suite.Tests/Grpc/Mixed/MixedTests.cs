using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Zilla.KafkaCache.Tests;
using Zilla.Suite.Tests.Faults;
using Zilla.Suite.Tests.Telemetry;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Grpc.Mixed;

/// <summary>Calls through a port of the HTTP edge: refused there, seen in a trace, and caught by the death of the gRPC edge.</summary>
public sealed class MixedTests(MixedSuite suite) : IClassFixture<MixedSuite>
{
    private const string Talk = "zilla.tests.Calls/Talk", Add = "zilla.tests.Effects/Add", Question = """{"text":"a"}""";

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

    /// <summary>Guards of either edge look at it: of the HTTP edge for zilla.tests.Calls, of the gRPC edge for zilla.tests.Effects.</summary>
    [Fact]
    public async Task Certificate_SaysWhoCalls_InBothEdges_AndNothingElseDoes()
    {
        const string Other = "What the client has been granted does not include /";
        using var alice = suite.Clients.Issue("alice", "a.callers.example");
        using var bob = suite.Clients.Issue("bob", "b.others.example");
        Metadata claims =
        [
            new("zilla-handover", Convert.ToBase64String("""{"exit":"grpc0","scheme":"https","host":"h","grants":[{"guard":"peers","identity":"alice","roles":["call"],"attributes":{} }]}"""u8)),
            new("x-forwarded-client-cert", "Subject=\"CN=alice\";DNS=a.callers.example"),
        ];
        foreach (var metadata in (Metadata[])[[], claims])
        {
            Assert.Equal(new Status(StatusCode.PermissionDenied, $"{Other}{Talk}."), await CallAsync(bob, metadata, SayAsync));
            Assert.Equal(new Status(StatusCode.PermissionDenied, $"{Other}{Add}."), await CallAsync(bob, metadata, AddAsync));
            Assert.Equal(new Status(StatusCode.Unauthenticated, "This needs credentials."), await CallAsync(null, metadata, SayAsync));
            Assert.Equal(new Status(StatusCode.Unauthenticated, "This needs credentials."), await CallAsync(null, metadata, AddAsync));
        }

        using var stranger = new TestAuthority("clients").Issue("alice", "a.callers.example");
        Assert.NotEqual(StatusCode.OK, (await CallAsync(stranger, [], AddAsync)).StatusCode);
        Assert.Equal(Status.DefaultSuccess, await CallAsync(alice, claims, SayAsync));
        Assert.Equal(Status.DefaultSuccess, await CallAsync(alice, claims, AddAsync));
        var records = suite.Broker.ReadCommitted(suite.Effects);
        Assert.Equal(2, records.Count);
        Assert.All(records, record =>
        {
            Assert.Equal(["alice"], record.Message.Headers.Where(header => header.Key == "sender").Select(header => Encoding.UTF8.GetString(header.GetValueBytes())));
            Assert.DoesNotContain(record.Message.Headers, header => header.Key == "meta:zilla-handover");
        });
    }

    [Fact]
    public async Task GreedyClient_TakesItsShareOfWhatMessagesMayTake_AndOthersAreServed()
    {
        const int Messages = 20, Share = 128 << 10;
        using var greedy = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        using var gone = new CancellationTokenSource();
        var begun = Enumerable.Range(0, Messages).Select(_ => BeginAsync(greedy, BegunMessage.Length - 1, gone.Token)).ToList();
        while (begun.Count > MixedSuite.MaxBegunBytes / Share)
        {
            var ended = await Eventually.CompletesAsync(Task.WhenAny(begun), Patience, $"a call is refused\n{suite.Output}");
            begun.Remove(ended);
            using var refused = await ended;
            Assert.Equal("8", Assert.Single(refused.Headers.GetValues("grpc-status")));
            Assert.Contains("MaxConnectionBegunBytes", Assert.Single(refused.Headers.GetValues("grpc-message")), StringComparison.Ordinal);
        }

        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{suite.Port}");
        await SayAsync(channel, [], new string('x', BegunMessage.Length - 10));
        Assert.All(begun, call => Assert.False(call.IsCompleted));

        // What it gives up it may have again.
        await gone.CancelAsync();
        await Eventually.HoldsAsync(async () =>
        {
            using var again = await BeginAsync(greedy, BegunMessage.Length, CancellationToken.None);
            return !again.Headers.Contains("grpc-status");
        }, Patience, $"it is served\n{suite.Output}");
        Assert.All(begun, call => Assert.False(call.IsCompletedSuccessfully));
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

    /// <summary>Over TLS, with that certificate.</summary>
    private async Task<Status> CallAsync(X509Certificate2? certificate, Metadata metadata, Func<GrpcChannel, Metadata, Task> call)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(suite.Server);
        using var handler = new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = trust, ClientCertificates = certificate is null ? [] : [certificate] } };
        using var channel = GrpcChannel.ForAddress($"https://127.0.0.1:{suite.Mutual}", new GrpcChannelOptions { HttpHandler = handler });
        try
        {
            await call(channel, metadata);
            return Status.DefaultSuccess;
        }
        catch (RpcException e)
        {
            return new(e.StatusCode, e.Status.Detail);
        }
    }

    private static async Task AddAsync(GrpcChannel channel, Metadata metadata) =>
        await new Effects.EffectsClient(channel).AddAsync(new() { Name = "x" }, metadata, DateTime.UtcNow + Patience);

    private static Task SayAsync(GrpcChannel channel, Metadata metadata) => SayAsync(channel, metadata, "a");

    private static async Task SayAsync(GrpcChannel channel, Metadata metadata, string text)
    {
        using var talk = new Calls.CallsClient(channel).Talk(metadata, DateTime.UtcNow + Patience);
        try
        {
            await talk.RequestStream.WriteAsync(new() { Text = text });
            await talk.RequestStream.CompleteAsync();
        }
        catch (RpcException)
        {
            // The answer tells.
        }

        Assert.True(await talk.ResponseStream.MoveNext());
        Assert.Equal(text, talk.ResponseStream.Current.Text);
        Assert.False(await talk.ResponseStream.MoveNext());
    }

    /// <summary>Begins a call with a message, and ends neither.</summary>
    private Task<HttpResponseMessage> BeginAsync(HttpClient client, int length, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{suite.Port}/{Talk}") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new BegunMessage(length) };
        request.Headers.TE.ParseAdd("trailers");
        request.Content.Headers.ContentType = new("application/grpc");
        return client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
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
