using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Zilla.Edge.Calls;
using Zilla.Edge.Handover;
using Zilla.Edge.Http;
using Zilla.Edge.Http.Guards;
using Zilla.Edge.Plans;
using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeGrpc.Handover;
using Zilla.EdgeGrpc.Tests.Upstream;
using Zilla.Testing;

namespace Zilla.EdgeGrpc.Tests.Handover;

/// <summary>Calls that the HTTP edge has let in and hands over, at the internal endpoint.</summary>
public sealed class HandoverTests : IAsyncLifetime
{
    private const string Key = "a-key-for-these-tests-alone";

    private ThingsService _service = null!;
    private Gateway _gateway = null!;

    public async Task InitializeAsync()
    {
        _service = await ThingsService.StartAsync();
        _gateway = await Gateway.ProxyAsync(_service.Port, guarded: "guard");
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _service.DisposeAsync();
    }

    [Theory]
    [InlineData("guard", "role", Standing.Accepted, HttpStatusCode.OK)]
    [InlineData("guard", "other", Standing.Accepted, HttpStatusCode.NotFound)]
    [InlineData("other", "role", Standing.Refused, HttpStatusCode.Forbidden)]
    [InlineData("other", "role", Standing.Missing, HttpStatusCode.Unauthorized)]
    public async Task Call_HasTheGrantsThatCameWithIt(string guard, string role, Standing standing, HttpStatusCode expected)
    {
        var handed = new HandedOver
        {
            Exit = "grpc",
            Scheme = "https",
            Host = "client.example",
            Address = "10.1.2.3",
            Authorization = "Bearer token",
            Standing = standing,
            Grants = [new(guard, "me", [role], new Dictionary<string, string>(), DateTimeOffset.UtcNow.AddMinutes(5))],
        };
        using var answer = await SendAsync(handed.Encode());
        Assert.Equal(expected, answer.StatusCode);
        if (expected == HttpStatusCode.OK)
        {
            Assert.Equal("""{"aString":"x"}""", await answer.Content.ReadAsStringAsync());
            Assert.True(_service.Calls.TryDequeue(out var seen));
            Assert.Equal(
                ("Bearer token", "10.1.2.3", "https", "client.example", null),
                (seen.Metadata.GetValue("authorization"), seen.Metadata.GetValue("x-forwarded-for"), seen.Metadata.GetValue("x-forwarded-proto"), seen.Metadata.GetValue("x-forwarded-host"), seen.Metadata.GetValue(HandedOver.Header)));
        }
    }

    [Theory]
    [InlineData("other", "/zilla.tests.Things/Get", Standing.Accepted, "7", "What the client has been granted does not include /zilla.tests.Things/Get.")]
    [InlineData("other", "/zilla.tests.Things/Get", Standing.Unguarded, "7", "What the client has been granted does not include /zilla.tests.Things/Get.")]
    [InlineData(null, "/zilla.tests.Things/Get", Standing.Unguarded, "16", "This needs credentials.")]
    [InlineData(null, "/zilla.tests.Things/Get", Standing.Missing, "16", "This needs credentials.")]
    [InlineData("role", "/zilla.tests.Things/Nope", Standing.Accepted, "12", "grpc has no method zilla.tests.Things/Nope.")]
    public async Task Call_OfGrpcWeb_IsToldWhatItsClientLacks(string? role, string path, Standing standing, string status, string message)
    {
        var handed = new HandedOver { Exit = "grpc", Scheme = "https", Host = "h", Standing = standing, Grants = role is null ? [] : [new("guard", "me", [role], new Dictionary<string, string>(), null)] };
        using var request = new HttpRequestMessage(HttpMethod.Post, _gateway.Internal + path) { Content = new ByteArrayContent(new byte[5]), Headers = { { HandedOver.Header, handed.Encode() } } };
        request.Content.Headers.ContentType = new("application/grpc-web+proto");
        using var answer = await _gateway.Http.SendAsync(request);
        Assert.Equal((status, message), (Assert.Single(answer.Headers.GetValues("grpc-status")), Assert.Single(answer.Headers.GetValues("grpc-message"))));
    }

    [Fact]
    public async Task Call_EndsWithWhatItsClientWasGranted()
    {
        var handed = new HandedOver { Exit = "grpc", Scheme = "https", Host = "h", Standing = Standing.Accepted, Grants = [new("guard", "me", ["role"], new Dictionary<string, string>(), DateTimeOffset.UtcNow.AddSeconds(1))] };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_gateway.Internal}/zilla.tests.Things/Get") { Content = new StringContent("""{"aString":"wait"}""", Encoding.UTF8, "application/json"), Headers = { { HandedOver.Header, handed.Encode() } } };
        using var answer = await _gateway.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("Unauthenticated: What the client was granted has expired.", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "The call has no key")]
    [InlineData("Bearer another-key-than-theirs", "The call has another key than this service")]
    [InlineData($"Basic {Key}", "The call has another key than this service")]
    public async Task Request_WithoutTheChannelsKey_IsRefused_WhateverItIs(string? authorization, string reason)
    {
        await using var gateway = await Gateway.ProxyAsync(_service.Port, channelKey: Key);
        foreach (var handed in new[] { new HandedOver { Exit = "grpc", Scheme = "http", Host = "h" }.Encode(), "nonsense", null })
        {
            using var answer = await SendAsync(handed, gateway, authorization);
            Assert.Equal("16", answer.Headers.GetValues("grpc-status").Single());
            Assert.StartsWith(reason, answer.Headers.GetValues("grpc-message").Single(), StringComparison.Ordinal);
            Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
        }

        Assert.Empty(_service.Calls);
    }

    [Fact]
    public async Task Request_WithTheChannelsKey_IsServed_AndTheServiceDoesNotSeeIt()
    {
        await using var gateway = await Gateway.ProxyAsync(_service.Port, channelKey: Key);
        using var answer = await SendAsync(new HandedOver { Exit = "grpc", Scheme = "http", Host = "h", Authorization = "Bearer client's" }.Encode(), gateway, $"Bearer {Key}");
        Assert.Equal("""{"aString":"x"}""", await answer.Content.ReadAsStringAsync());
        Assert.True(_service.Calls.TryDequeue(out var seen));
        Assert.Equal("Bearer client's", seen.Metadata.GetValue("authorization"));
        Assert.DoesNotContain(seen.Metadata, entry => !entry.IsBinary && entry.Value.Contains(Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Request_ThatIsNotHandedOver_OrToWhatIsNotThere_IsNotServed()
    {
        using var plain = await SendAsync(null);
        Assert.Equal(HttpStatusCode.NotFound, plain.StatusCode);
        using var nonsense = await SendAsync("nonsense");
        Assert.Equal(HttpStatusCode.NotFound, nonsense.StatusCode);
        using var other = await SendAsync(new HandedOver { Exit = "other", Scheme = "http", Host = "h" }.Encode());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, other.StatusCode);
    }

    /// <summary>As at a client's port: the client is told, and the log has the reason.</summary>
    [Fact]
    public async Task Failure_OfTheGatewayItself_IsToldInTheWordsOfTheClient()
    {
        var model = new GatewayModel(new Dictionary<string, IReadOnlyList<PortRouteModel>>()) { Handovers = new Dictionary<string, IExchangeHandler> { ["grpc"] = new Failing() } };
        using var log = new CapturedLog();
        using var logging = new LoggerFactory([log]);
        var endpoint = new HandoverEndpoint(new EdgeState<GatewayModel>(model), new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance), TimeProvider.System, logging.CreateLogger<HandoverEndpoint>());
        var context = new FakeContext(CallForm.Json, "/a.B/C", PipeReader.Create(new ReadOnlySequence<byte>()));
        context.Exchange.Request.Headers[HandedOver.Header] = new HandedOver { Exit = "grpc", Scheme = "http", Host = "h" }.Encode();
        await endpoint.ServeAsync(context.Exchange.Context);
        Assert.Equal(500, context.StatusCode);
        Assert.Contains("The gateway failed; its log has the reason under this trace id.", Encoding.UTF8.GetString(await context.OutputAsync()), StringComparison.Ordinal);
        Assert.Contains(log.Lines, line => line.Contains("the reason", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Header_AtAClientsPort_IsNobodysWord()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_gateway.Address}/zilla.tests.Things/Get") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.Add(HandedOver.Header, new HandedOver { Exit = "grpc", Scheme = "http", Host = "h", Standing = Standing.Accepted, Grants = [new("guard", "me", ["role"], new Dictionary<string, string>(), null)] }.Encode());
        using var answer = await _gateway.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private async Task<HttpResponseMessage> SendAsync(string? handed, Gateway? gateway = null, string? authorization = null)
    {
        gateway ??= _gateway;
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{gateway.Internal}/zilla.tests.Things/Get") { Content = new StringContent("""{"aString":"x"}""", Encoding.UTF8, "application/json") };
        if (handed is not null)
        {
            request.Headers.Add(HandedOver.Header, handed);
        }

        if (authorization is not null)
        {
            Assert.True(request.Headers.TryAddWithoutValidation("authorization", authorization));
        }

        return await gateway.Http.SendAsync(request);
    }

    private sealed class Failing : IExchangeHandler
    {
        public Task HandleAsync(Exchange exchange) => throw new NotSupportedException("the reason");
    }
}
