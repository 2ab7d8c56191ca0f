using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Zilla.Config.Bindings;
using Zilla.Edge.Calls;
using Zilla.Edge.Tests.Guards;
using Zilla.EdgeHttp.Tests.Guards;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.Handover;

/// <summary>What an http server that also leads to a grpc server refuses, in the words of whoever asks: calls of gRPC and gRPC-Web, JSON, and requests that are none.</summary>
public sealed class RefusedCallTests
{
    private const string Call = "/a.B/C";

    private static readonly GrpcServerBinding Grpc = new() { Name = "grpc" };
    private static readonly HttpServerBinding Open = new() { Name = "http", Routes = [GuardedGateway.Open("grpc", "/a.B/*")] };
    private static readonly HttpServerBinding Guarded = GuardedGateway.Http with { Routes = [GuardedGateway.Route("grpc", "/a.B/*", "call")] };

    [Fact]
    public async Task NoCredentials()
    {
        await using var guarded = await GuardedGateway.StartAsync(Guarded, Grpc);
        await AssertRefusedAsync(guarded.Gateway, HttpStatusCode.Unauthorized, StatusCode.Unauthenticated, "This needs credentials.");
    }

    [Fact]
    public async Task Credentials_NotAccepted()
    {
        await using var guarded = await GuardedGateway.StartAsync(Guarded, Grpc);
        await AssertRefusedAsync(guarded.Gateway, HttpStatusCode.Forbidden, StatusCode.PermissionDenied, "The credentials are not accepted.", token: "no-token");
    }

    [Fact]
    public async Task Credentials_WithoutTheRole()
    {
        await using var guarded = await GuardedGateway.StartAsync(Guarded, Grpc);
        await AssertRefusedAsync(
            guarded.Gateway, HttpStatusCode.NotFound, StatusCode.PermissionDenied, "No route takes POST /a.B/C.",
            "What the client has been granted does not include /a.B/C.", token: GuardedGateway.Issuer.Token(TestIssuer.Now));
    }

    [Fact]
    public async Task Credentials_NoMethodWhateverTheyGrant()
    {
        await using var guarded = await GuardedGateway.StartAsync(Guarded, Grpc);
        await AssertRefusedAsync(
            guarded.Gateway, HttpStatusCode.NotFound, StatusCode.Unimplemented, "No route takes POST /no%20where.", path: "/no%20where", token: GuardedGateway.Issuer.Token(TestIssuer.Now));
    }

    [Fact]
    public async Task Credentials_ThatCannotBeChecked()
    {
        await using var guarded = await GuardedGateway.StartAsync();
        guarded.Keys.Status = 500;
        guarded.Gateway.Guards = [GuardedGateway.Guard with { KeysUrl = new Uri(guarded.Keys.Url, "/other") }];
        await guarded.Gateway.ApplyAsync([guarded.Gateway.Port], Guarded, Grpc);
        await AssertRefusedAsync(
            guarded.Gateway, HttpStatusCode.ServiceUnavailable, StatusCode.Unavailable, "The credentials cannot be checked at present.", token: GuardedGateway.Issuer.Token(TestIssuer.Now));
    }

    [Fact]
    public async Task NoCertificate_AndNothingElseThatCouldGrantTheRole()
    {
        await using var gateway = await Gateway.StartAsync(Open with { Routes = Guarded.Routes }, Grpc);
        await AssertRefusedAsync(gateway, HttpStatusCode.NotFound, StatusCode.Unauthenticated, "No route takes POST /a.B/C.", "This needs credentials.");
    }

    [Fact]
    public async Task Rate_Exceeded()
    {
        await using var gateway = await StartAsync(Open with { Limits = new() { RatePerAddress = new() { Requests = 1, Per = TimeSpan.FromHours(1) } } });
        using var first = await SendAsync(gateway, gateway.Client, Call, "text/plain", null, null);
        await AssertRefusedAsync(gateway, HttpStatusCode.TooManyRequests, StatusCode.ResourceExhausted, "More requests come from this address than are served.");
    }

    [Fact]
    public async Task Limit_OfRequestsUnderWay_Reached()
    {
        await using var gateway = await StartAsync(Open with { Limits = new() { ConcurrentRequests = 1 }, Exit = "echo" }, new EchoBinding { Name = "echo" });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new Endless() };
        using var busy = await gateway.Http2.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await AssertRefusedAsync(gateway, HttpStatusCode.ServiceUnavailable, StatusCode.ResourceExhausted, "As many requests are under way as there may be.");
    }

    [Fact]
    public async Task Origin_NotAllowed()
    {
        await using var gateway = await StartAsync(Open with { CrossOrigin = new() { AllowOrigins = ["https://good.example"] } });
        await AssertRefusedAsync(gateway, HttpStatusCode.Forbidden, StatusCode.PermissionDenied, "The origin https://page.example is not allowed.", origin: "https://page.example");
    }

    [Fact]
    public async Task Version_NotSpoken()
    {
        await using var gateway = await StartAsync(Open with { Versions = ["http/1.1"] });
        await AssertRefusedAsync(gateway, HttpStatusCode.HttpVersionNotSupported, StatusCode.Unknown, "http does not speak HTTP/2.", http1: false);
    }

    [Fact]
    public async Task Method_ThatNoFileCouldName()
    {
        await using var gateway = await StartAsync(Open);
        await AssertRefusedAsync(gateway, HttpStatusCode.NotFound, StatusCode.Unimplemented, "grpc has no such method.", path: "/a.B/C/d");
    }

    [Fact]
    public async Task GrpcEdge_NotThere()
    {
        await using var gateway = await StartAsync(Open);
        await AssertRefusedAsync(gateway, HttpStatusCode.ServiceUnavailable, StatusCode.Unavailable, "The gRPC edge cannot be reached: no instance is known");
    }

    [Theory]
    [InlineData(false, "etag", "etag, grpc-status, grpc-message, grpc-status-details-bin")]
    [InlineData(false, null, "*")]
    [InlineData(true, null, "Content-Type, grpc-status, grpc-message")]
    public async Task Page_OfAnotherOrigin_MayReadTheStatus(bool credentials, string? exposed, string expected)
    {
        await using var gateway = await StartAsync(Open with { CrossOrigin = new() { AllowCredentials = credentials, ExposeHeaders = exposed is null ? [] : [exposed] } });
        using var answer = await SendAsync(gateway, gateway.Client, "/nowhere", "application/grpc-web+proto", null, "https://page.example");
        Assert.Equal(credentials ? "https://page.example" : "*", Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
        var names = string.Join(", ", answer.Headers.GetValues("Access-Control-Expose-Headers")).Split(", ");
        Assert.Superset(expected.Split(", ").ToHashSet(StringComparer.OrdinalIgnoreCase), names.ToHashSet(StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task NoCall_IsRefusedInHttp_WhateverItsContentType()
    {
        await using var gateway = await StartAsync(Open);
        using var get = new HttpRequestMessage(HttpMethod.Get, "/nowhere") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent([]) };
        get.Content.Headers.ContentType = new("application/grpc");
        using var got = await gateway.Http2.SendAsync(get);
        await Problems.AssertAsync(got, HttpStatusCode.NotFound, "No route takes GET /nowhere.");
        using var http1 = await SendAsync(gateway, gateway.Client, "/nowhere", "application/grpc", null, null);
        await Problems.AssertAsync(http1, HttpStatusCode.NotFound, "No route takes POST /nowhere.");
    }

    private static Task<Gateway> StartAsync(HttpServerBinding http, params BindingConfig[] more) => Gateway.StartAsync([http, Grpc, .. more]);

    /// <summary>Asks in every form that there is, and over both versions of HTTP that the form may have.</summary>
    private static async Task AssertRefusedAsync(
        Gateway gateway, HttpStatusCode http, StatusCode code, string detail, string? message = null, string path = Call, string? token = null, string? origin = null, bool http1 = true)
    {
        foreach (var type in (string[])["application/grpc", "application/grpc+proto", "application/grpc+flatbuffers", "application/grpc-web", "application/grpc-web+proto", "application/grpc-web-text"])
        {
            foreach (var client in http1 && type.Contains("web", StringComparison.Ordinal) ? (HttpClient[])[gateway.Http2, gateway.Client] : [gateway.Http2])
            {
                using var refused = await SendAsync(gateway, client, path, type, token, origin);
                Assert.Equal(HttpStatusCode.OK, refused.StatusCode);
                Assert.StartsWith(type.Split('+')[0], refused.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
                Assert.Equal(
                    (((int)code).ToString(CultureInfo.InvariantCulture), message ?? detail),
                    (Assert.Single(refused.Headers.GetValues("grpc-status")), StatusMessage.Decode(Assert.Single(refused.Headers.GetValues("grpc-message")))));
                Assert.Empty(await refused.Content.ReadAsByteArrayAsync());
                Assert.Empty(refused.TrailingHeaders);
            }
        }

        foreach (var type in (string[])["application/json", "text/plain", "application/grpcx"])
        {
            foreach (var client in http1 ? (HttpClient[])[gateway.Http2, gateway.Client] : [gateway.Http2])
            {
                using var refused = await SendAsync(gateway, client, path, type, token, origin);
                await Problems.AssertAsync(refused, http, detail);
                Assert.False(refused.Headers.Contains("grpc-status"));
            }
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(Gateway gateway, HttpClient client, string path, string type, string? token, string? origin)
    {
        using var request = GuardedGateway.Request(client, HttpMethod.Post, path, token);
        request.RequestUri = new Uri($"http://127.0.0.1:{gateway.Port}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        request.Content = new ByteArrayContent(new byte[5]);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        return await Eventually.CompletesAsync(client.SendAsync(request));
    }

    /// <summary>A body that begins and does not end.</summary>
    private sealed class Endless : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("begun"u8.ToArray());
            await stream.FlushAsync();
            await new TaskCompletionSource().Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }
    }
}
