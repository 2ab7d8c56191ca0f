using System.Net;
using Zilla.Config.Bindings;
using Zilla.Testing;
using static Zilla.EdgeHttp.Tests.HttpKafka.Correlated.Correlation;

namespace Zilla.EdgeHttp.Tests.HttpKafka.Correlated;

/// <summary>What becomes of the service's record, and of its absence.</summary>
public sealed class ResponseTests
{
    [Fact]
    public async Task Reply_StatusHeadersAndValue_AreTheResponse()
    {
        await using var gateway = await StartAsync();
        var sent = gateway.Client.SendAsync(Request(HttpMethod.Get, "/items/1", null));
        var record = await gateway.RequestAsync();
        gateway.Replies().Append(0, "1", "not this", (Id, "another"), (":status", "500"));

        gateway.Reply(
            record, """{"a":1}""", (":status", "203"), ("content-type", "application/json"), ("etag", "v7"), ("x-many", "a"), ("x-many", "b"),
            ("content-length", "99999"), ("transfer-encoding", "chunked"), ("connection", "close"), ("zilla:other", "no token"), ("x-evil", "a\r\nset-cookie: b"));

        using var response = await sent;
        Assert.Equal(HttpStatusCode.NonAuthoritativeInformation, response.StatusCode);
        Assert.Equal("""{"a":1}""", await response.Content.ReadAsStringAsync());
        Assert.Equal((7, "application/json"), (response.Content.Headers.ContentLength, response.Content.Headers.ContentType?.ToString()));
        Assert.Equal("v7", Assert.Single(response.Headers.NonValidated["ETag"]));
        Assert.Equal(["a", "b"], response.Headers.NonValidated["x-many"]);
        Assert.Equal(["date", "etag", "x-many"], response.Headers.NonValidated.Select(h => h.Key.ToLowerInvariant()).Order());
    }

    [Theory]
    [InlineData(true, "*", "*")]
    [InlineData(false, "https://service.example", "x-service")]
    public async Task Reply_CrossOriginHeaders_TheGatewaysWinWhereItHasAPolicy(bool policy, string origin, string expose)
    {
        await using var gateway = await StartAsync();
        var http = Quickstart.Bindings.OfType<HttpServerBinding>().Single();
        await gateway.ApplyAsync([gateway.Port], Binding, http with { CrossOrigin = policy ? new CrossOriginPolicy() : null });
        var sent = gateway.Client.SendAsync(Request(HttpMethod.Get, "/items/1", null, ("Origin", "https://any.example")));

        gateway.Reply(
            await gateway.RequestAsync(), "x", ("Access-Control-Allow-Origin", "https://service.example"), ("access-control-expose-headers", "x-service"),
            ("access-control-allow-credentials", "true"), ("vary", "Accept"));

        using var response = await sent;
        Assert.Equal(origin, Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Equal(expose, Assert.Single(response.Headers.GetValues("Access-Control-Expose-Headers")));
        Assert.Equal(!policy, response.Headers.Contains("Access-Control-Allow-Credentials"));
        Assert.Equal("Accept", Assert.Single(response.Headers.GetValues("Vary")));
    }

    [Theory]
    [InlineData(null, "x", 200, "x")]
    [InlineData("404", "", 404, "")]
    [InlineData("200", null, 200, "")]
    [InlineData("204", "ignored", 204, "")]
    [InlineData("304", "ignored", 304, "")]
    public async Task Reply_Status_AsItSays(string? status, string? value, int expected, string body)
    {
        await using var gateway = await StartAsync();
        var sent = gateway.Client.SendAsync(Request(HttpMethod.Get, "/items/1", null));

        gateway.Reply(await gateway.RequestAsync(), value, status is null ? [] : [(":status", status)]);

        using var response = await sent;
        Assert.Equal((expected, body), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal(expected is 204 or 304 ? null : body.Length, expected is 204 or 304 ? null : response.Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData("101")]
    [InlineData("600")]
    [InlineData("OK")]
    [InlineData("")]
    public async Task Reply_StatusThatIsNone_502(string status)
    {
        await using var gateway = await StartAsync();
        var sent = gateway.Client.SendAsync(Request(HttpMethod.Get, "/items/1", null));

        gateway.Reply(await gateway.RequestAsync(), "x", (":status", status));

        await Problems.AssertAsync(await sent, HttpStatusCode.BadGateway, ":status");
    }

    [Theory]
    [InlineData(null, 60)]
    [InlineData("wait=7", 7)]
    public async Task NoReply_TimeOver_504(string? prefer, int seconds)
    {
        var time = new ManualTime();
        await using var gateway = await StartAsync(time);
        var sent = gateway.Client.SendAsync(Request(HttpMethod.Post, "/items/1", "x", prefer is null ? [] : [("Prefer", prefer)]));
        await gateway.RequestAsync();
        await Eventually.HoldsAsync(() => gateway.Cache.OpenStreams == 1); // the feed: the record is acknowledged

        var passed = 0;
        await Eventually.HoldsAsync(() =>
        {
            passed += sent.IsCompleted ? 0 : 1;
            time.Advance(TimeSpan.FromSeconds(1));
            return sent.IsCompleted;
        });

        Assert.True(passed >= seconds, $"after {passed} s");
        await Problems.AssertAsync(await sent, HttpStatusCode.GatewayTimeout, "No response came in time");
    }

    [Fact]
    public async Task NoReply_ListenerCloses_503WithRetryAfter()
    {
        await using var gateway = await StartAsync();
        var sent = gateway.Client.SendAsync(Request(HttpMethod.Post, "/items/1", "x"));
        await gateway.RequestAsync();

        await gateway.ApplyAsync([], Binding);

        using var response = await sent;
        await Problems.AssertAsync(response, HttpStatusCode.ServiceUnavailable, "shutting down");
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task NoReplyTopic_404()
    {
        await using var gateway = await Gateway.StartAsync(Binding);
        gateway.Requests();

        using var response = await gateway.Client.SendAsync(Request(HttpMethod.Post, "/items/1", "x"));

        await Problems.AssertAsync(response, HttpStatusCode.NotFound, "no topic replies");
        Assert.Equal(0, gateway.Requests().End(0));
    }
}
