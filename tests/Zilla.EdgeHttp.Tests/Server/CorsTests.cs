using System.Net;
using Zilla.Config.Bindings;

namespace Zilla.EdgeHttp.Tests.Server;

public sealed class CorsTests
{
    private static readonly CrossOriginPolicy Strict = new()
    {
        AllowOrigins = ["https://good.example"],
        AllowMethods = ["GET", "PUT"],
        AllowHeaders = ["Content-Type", "x-own"],
        AllowCredentials = true,
        MaxAge = TimeSpan.FromSeconds(600),
        ExposeHeaders = ["etag"],
    };

    [Fact]
    public async Task Preflight_Wildcards_204NamingWhatWasAskedFor()
    {
        await using var gateway = await Gateway.StartAsync();

        using var response = await PreflightAsync(gateway, "https://any.example", "DELETE", "authorization, x-any");

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("*", Header(response, "Access-Control-Allow-Origin"));
        Assert.Equal("DELETE", Header(response, "Access-Control-Allow-Methods"));
        Assert.Equal("authorization, x-any", Header(response, "Access-Control-Allow-Headers"));
        Assert.Null(Header(response, "Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task Preflight_Lists_204WithThePolicy()
    {
        await using var gateway = await Gateway.StartAsync(Http(Strict));

        using var response = await PreflightAsync(gateway, "https://good.example", "PUT", "content-type, X-Own");

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("https://good.example", Header(response, "Access-Control-Allow-Origin"));
        Assert.Equal("Origin", Header(response, "Vary"));
        Assert.Equal("GET, PUT", Header(response, "Access-Control-Allow-Methods"));
        Assert.Equal("true", Header(response, "Access-Control-Allow-Credentials"));
        Assert.Equal("600", Header(response, "Access-Control-Max-Age"));
    }

    [Theory]
    [InlineData("https://evil.example", "GET", null)]
    [InlineData("https://good.example", "DELETE", null)]
    [InlineData("https://good.example", "GET", "x-other")]
    public async Task Preflight_NotAllowed_403(string origin, string method, string? headers)
    {
        await using var gateway = await Gateway.StartAsync(Http(Strict));

        using var response = await PreflightAsync(gateway, origin, method, headers);

        await Problems.AssertAsync(response, HttpStatusCode.Forbidden, "not allowed");
        Assert.Null(Header(response, "Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Request_CrossOrigin_MarkedOrRefused()
    {
        await using var gateway = await Gateway.StartAsync(Http(Strict));
        gateway.Items.Append(0, "1", "x");

        using var good = await GetAsync(gateway, "https://good.example");
        using var evil = await GetAsync(gateway, "https://evil.example");
        using var same = await GetAsync(gateway, $"http://127.0.0.1:{gateway.Port}");

        Assert.Equal(("https://good.example", "etag"), (Header(good, "Access-Control-Allow-Origin"), Header(good, "Access-Control-Expose-Headers")));
        Assert.Equal(HttpStatusCode.Forbidden, evil.StatusCode);
        Assert.Equal(HttpStatusCode.OK, same.StatusCode);
        Assert.Null(Header(same, "Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Request_SameOriginPolicy_NothingSaid()
    {
        await using var gateway = await Gateway.StartAsync(Http(null));
        gateway.Items.Append(0, "1", "x");

        using var request = await GetAsync(gateway, "https://any.example");
        using var preflight = await PreflightAsync(gateway, "https://any.example", "GET", null);

        Assert.Equal(HttpStatusCode.OK, request.StatusCode);
        Assert.Null(Header(request, "Access-Control-Allow-Origin"));
        Assert.Equal(HttpStatusCode.NotFound, preflight.StatusCode);
    }

    private static HttpServerBinding Http(CrossOriginPolicy? policy) => Quickstart.Bindings.OfType<HttpServerBinding>().Single() with { CrossOrigin = policy };

    private static Task<HttpResponseMessage> GetAsync(Gateway gateway, string origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/items/1");
        request.Headers.Add("Origin", origin);
        return gateway.Client.SendAsync(request);
    }

    private static Task<HttpResponseMessage> PreflightAsync(Gateway gateway, string origin, string method, string? headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, "/items/1");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", method);
        if (headers is not null)
        {
            request.Headers.Add("Access-Control-Request-Headers", headers);
        }

        return gateway.Client.SendAsync(request);
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
}
