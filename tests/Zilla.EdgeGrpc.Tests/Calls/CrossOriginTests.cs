using System.Net;
using System.Net.Http.Headers;

namespace Zilla.EdgeGrpc.Tests.Calls;

/// <summary>gRPC-Web from pages of another origin, with an http server whose access-control is cross-origin.</summary>
public sealed class CrossOriginTests : IAsyncLifetime
{
    private Gateway _gateway = null!;

    public async Task InitializeAsync()
    {
        _gateway = await Gateway.StartAsync(Gateway.Fetch("*/Get", "things"));
        _gateway.Cache.Topic("things").Append(0, null, [], []);
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Preflight_OfACall_IsAllowed()
    {
        using var request = Request(HttpMethod.Options, "Get");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "content-type,grpc-timeout,x-grpc-web,x-user-agent");
        using var answer = await _gateway.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal("*", Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Equal("POST", Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Methods")));
        Assert.Equal("content-type,grpc-timeout,x-grpc-web,x-user-agent", string.Join(",", answer.Headers.GetValues("Access-Control-Allow-Headers")).Replace(" ", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Get", false)]
    [InlineData("Nope", true)]
    public async Task Status_MayBeReadByThePage(string method, bool isRefused)
    {
        using var request = Request(HttpMethod.Post, method);
        request.Content = new ByteArrayContent(new byte[5]);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/grpc-web+proto");
        using var answer = await _gateway.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("*", Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Equal(isRefused, answer.Headers.Contains("grpc-status"));
        Assert.Equal(
            isRefused ? "x-own,grpc-status,grpc-message,grpc-status-details-bin" : "x-own",
            string.Join(",", answer.Headers.GetValues("Access-Control-Expose-Headers")).Replace(" ", "", StringComparison.Ordinal));
    }

    private HttpRequestMessage Request(HttpMethod method, string call) =>
        new(method, $"{_gateway.Address}/zilla.tests.Things/{call}") { Headers = { { "Origin", "https://page.example" } } };
}
