using System.Net;
using Zilla.Config.Bindings;
using Zilla.Config.Guards;
using Zilla.Config.Watching;
using Zilla.Edge.Tests.Guards;
using static Zilla.EdgeHttp.Tests.Guards.GuardedGateway;

namespace Zilla.EdgeHttp.Tests.Guards;

public sealed class AuthorizationTests
{
    private static readonly HttpServerBinding Server = Http with { Routes = [Route("rest", "/items*", "read"), Open("files", "/")] };

    [Fact]
    public async Task NoCredentials_GuardedRoute_401()
    {
        await using var guarded = await StartAsync(Server);

        using var response = await guarded.GetAsync("/items");

        await Problems.AssertAsync(response, HttpStatusCode.Unauthorized, "needs credentials");
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
    }

    public static TheoryData<string, string> BadTokens => new()
    {
        { "Expired", Issuer.Token(TestIssuer.Now.AddHours(-2)) },
        { "NotYetValid", Issuer.Token(TestIssuer.Now.AddHours(2)) },
        { "Issuer", Issuer.Token(TestIssuer.Now, """{"iss":"https://evil.example"}""") },
        { "Audience", Issuer.Token(TestIssuer.Now, """{"aud":"https://other.example"}""") },
        { "Algorithm", Issuer.Token(TestIssuer.Claims(), "RS512") },
        { "Algorithm", Issuer.Token(TestIssuer.Claims(), "HS256", "rsa") },
        { "Algorithm", Issuer.Token(TestIssuer.Claims(), "none", "rsa") },
        { "UnknownKey", Issuer.Token(TestIssuer.Claims(), kid: "other") },
        { "Signature", new TestIssuer().Token(TestIssuer.Now) },
        { "Malformed", "no-token" },
    };

    [Theory]
    [MemberData(nameof(BadTokens))]
    public async Task CredentialsThatAreNotAccepted_GuardedRoute_403WithTheReasonInTheLogAlone(string reason, string token)
    {
        await using var guarded = await StartAsync(Server);

        using var response = await guarded.GetAsync("/items", token);

        await Problems.AssertAsync(response, HttpStatusCode.Forbidden, "The credentials are not accepted.");
        Assert.Equal("Bearer error=\"invalid_token\"", response.Headers.WwwAuthenticate.ToString());
        Assert.DoesNotContain(reason, await response.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"Information Guard jwt refuses credentials: {reason}", guarded.Gateway.Log.Lines);
        Assert.DoesNotContain(guarded.Gateway.Log.Lines, line => line.Contains(token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task CredentialsWithoutTheRole_404()
    {
        await using var guarded = await StartAsync(Server);

        using var response = await guarded.GetAsync("/items", Issuer.Token(TestIssuer.Now, """{"scope":"write readonly"}"""));

        await Problems.AssertAsync(response, HttpStatusCode.NotFound, "No route takes GET /items.");
        Assert.Empty(response.Headers.WwwAuthenticate);
    }

    [Theory]
    [InlineData("authorization", "Bearer {0}")]
    [InlineData("authorization", "bearer {0}")]
    [InlineData("cookie", "a=b; session={0}; c=d")]
    public async Task CredentialsWithTheRole_Served(string header, string value)
    {
        await using var guarded = await StartAsync(Server);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/items");
        request.Headers.TryAddWithoutValidation(header, value.Replace("{0}", Issuer.Token(TestIssuer.Now), StringComparison.Ordinal));

        using var response = await guarded.Gateway.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("/items/1?access_token={0}")]
    [InlineData("/items/1?ACCESS%5Ftoken={0}&access_token=second")]
    public async Task CredentialsInTheQuery_ServedWithoutThem(string path)
    {
        await using var guarded = await StartAsync(Server);
        guarded.Gateway.Items.Append(0, "1", "one");

        using var response = await guarded.GetAsync(path.Replace("{0}", Issuer.Token(TestIssuer.Now), StringComparison.Ordinal));

        // The item is 1, not 1?access_token=…
        Assert.Equal("one", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task CredentialsInTheQuery_NotAccepted_NotShown()
    {
        await using var guarded = await StartAsync(Server);

        using var response = await guarded.GetAsync("/nowhere?access_token=" + Issuer.Token(TestIssuer.Now) + "&page=2");

        await Problems.AssertAsync(response, HttpStatusCode.NotFound, "No route takes GET /nowhere?page=2.");
    }

    [Fact]
    public async Task OpenRoute_AnyCredentialsOrNone_Served()
    {
        await using var guarded = await StartAsync(Server);

        foreach (var token in new[] { null, "no-token", Issuer.Token(TestIssuer.Now) })
        {
            // Served: that there is no such file is the file server's answer.
            using var response = await guarded.GetAsync("/", token);
            await Problems.AssertAsync(response, HttpStatusCode.NotFound, "no such file");
        }
    }

    [Fact]
    public async Task GuardedRouteBeforeAnother_ClientWithoutTheRole_TakesTheOther()
    {
        var all = new HttpKafkaBinding { Name = "all", Routes = [Fetch("items")] };
        var few = new HttpKafkaBinding { Name = "few", Routes = [Fetch("few")] };
        await using var guarded = await StartAsync(Http with { Routes = [Route("all", "/items", "admin"), Open("few", "/items")] }, all, few);
        guarded.Gateway.Items.Append(0, "1", "all");
        guarded.Gateway.Cache.Topic("few").Append(0, "1", "few");

        using var admin = await guarded.GetAsync("/items", Issuer.Token(TestIssuer.Now, """{"scope":"admin"}"""));
        using var user = await guarded.GetAsync("/items", Issuer.Token(TestIssuer.Now));
        using var anyone = await guarded.GetAsync("/items");

        Assert.Equal("all", await admin.Content.ReadAsStringAsync());
        Assert.Equal("few", await user.Content.ReadAsStringAsync());
        Assert.Equal("few", await anyone.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("GET:/items", HttpStatusCode.OK)]
    [InlineData("PUT:/items", HttpStatusCode.NotFound)]
    [InlineData("GET:/items?x=1", HttpStatusCode.NotFound)]
    public async Task RoleOfMethodAndPath_HasToBeGranted(string role, HttpStatusCode status)
    {
        var all = new HttpKafkaBinding { Name = "all", Routes = [Fetch("items")] };
        await using var guarded = await StartAsync(Http with { Routes = [Route("all", "/*", "${method}:${path}")] }, all);
        guarded.Gateway.Items.Append(0, "1", "all");

        using var response = await guarded.GetAsync("/items?x=1", Issuer.Token(TestIssuer.Now, $$"""{"scope":["{{role}}"]}"""));

        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task RoutesOfInnerBindings_Guarded_SameRules()
    {
        var rest = new HttpKafkaBinding { Name = "rest", Routes = [Fetch("items") with { Guarded = Roles("admin") }] };
        var sse = new SseServerBinding { Name = "sse", Routes = [new SseRoute { Exit = "sse-kafka", Paths = ["/events"], Guarded = Roles("admin") }, new SseRoute { Exit = "sse-kafka" }] };
        var kafka = new SseKafkaBinding { Name = "sse-kafka", Routes = [new SseKafkaRoute { Exit = "cache", Topic = "items", Guarded = Roles("admin", "read") }] };
        await using var guarded = await StartAsync(Http with { Routes = [Open("rest", "/items"), Open("sse", "/events*")] }, rest, sse, kafka);
        guarded.Gateway.Items.Append(0, "1", "one");
        var admin = Issuer.Token(TestIssuer.Now, """{"scope":"admin"}""");

        foreach (var path in new[] { "/items", "/events", "/events/1" })
        {
            using var anyone = await guarded.GetAsync(path);
            using var stranger = await guarded.GetAsync(path, "no-token");
            using var user = await guarded.GetAsync(path, Issuer.Token(TestIssuer.Now));
            Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden, HttpStatusCode.NotFound), (anyone.StatusCode, stranger.StatusCode, user.StatusCode));
        }

        using var item = await guarded.GetAsync("/items", admin);
        using var events = await guarded.GetAsync("/events", admin);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (item.StatusCode, events.StatusCode));
    }

    [Fact]
    public async Task NoKeysToBeHad_503()
    {
        await using var guarded = await StartAsync();
        guarded.Keys.Status = 500;
        guarded.Gateway.Guards = [Guard with { KeysUrl = new Uri(guarded.Keys.Url, "/other") }];
        await guarded.Gateway.ApplyAsync([guarded.Gateway.Port], Server);

        using var response = await guarded.GetAsync("/items", Issuer.Token(TestIssuer.Now));

        await Problems.AssertAsync(response, HttpStatusCode.ServiceUnavailable, "cannot be checked at present");
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task PlanWithAKeyThatIsNone_Refused()
    {
        await using var guarded = await StartAsync(Server);
        guarded.Gateway.Guards = [Guard with { Keys = [new JwtKey { Kid = "k", Kty = "EC", Crv = "P-256", X = "AQAB", Y = "AQAB" }] }];

        var refused = await Assert.ThrowsAsync<PlanRefusedException>(() => guarded.Gateway.ApplyAsync([guarded.Gateway.Port], Server));

        Assert.StartsWith("jwt: the key 'k' ", refused.Message, StringComparison.Ordinal);
    }

    private static HttpKafkaRoute Fetch(string topic) => new() { Exit = "cache", Fetch = new HttpKafkaFetch { Topic = topic } };
}
