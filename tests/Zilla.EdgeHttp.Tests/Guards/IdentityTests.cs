using System.Net;
using System.Text.Json;
using Zilla.Config.Bindings;
using Zilla.Edge.Tests.Guards;
using Zilla.EdgeHttp.Tests.Sse;
using static Zilla.EdgeHttp.Tests.Guards.GuardedGateway;

namespace Zilla.EdgeHttp.Tests.Guards;

/// <summary><c>${guarded['jwt'].identity}</c> and <c>${guarded['jwt'].attributes.tenant}</c> in keys, headers, topics and filters.</summary>
public sealed class IdentityTests
{
    private const string Identity = "${guarded['jwt'].identity}";
    private const string Tenant = "${guarded['jwt'].attributes.tenant}";

    private static readonly BindingConfig[] Bindings =
    [
        Http with { Routes = [Open("sse", "/events*"), Open("rest", "/*")] },
        new HttpKafkaBinding
        {
            Name = "rest",
            Routes =
            [
                Produce("/mine", new() { Topic = "items", Key = Identity, Overrides = new Dictionary<string, string> { ["by"] = $"<{Identity}>" } }),
                Produce("/own", new() { Topic = $"of-{Tenant}" }),
                Produce("/ask", new() { Topic = "items", ReplyTo = "replies", Async = new Dictionary<string, string> { ["location"] = $"/ask/{Identity};cid=${{correlationId}}" } }, "/ask/*"),
                Fetch("/mine", new() { Topic = "items", Filters = [new KafkaFilterConfig { Key = Identity }] }),
                Fetch("/tenant", new() { Topic = "items", Filters = [new KafkaFilterConfig { Headers = new Dictionary<string, string> { ["tenant"] = Tenant } }] }),
            ],
        },
        new SseKafkaBinding
        {
            Name = "sse-kafka",
            Routes = [new SseKafkaRoute { Exit = "cache", Topic = "items", Filters = [new KafkaFilterConfig { Headers = new Dictionary<string, string> { ["for"] = Identity } }] }],
        },
    ];

    [Theory]
    [InlineData("alice")]
    [InlineData("${params.id}${guarded['jwt'].identity}")] // is never read as a template
    [InlineData("a b\r\nx: y\0é")]
    public async Task Produce_KeyAndHeader_AreTheIdentityAsItIs(string identity)
    {
        await using var guarded = await StartAsync(Bindings);

        using var response = await guarded.SendAsync(HttpMethod.Put, "/mine", Token(identity));

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        var record = Assert.Single(guarded.Gateway.Items.Records(0));
        Assert.Equal(identity, record.KeyText);
        Assert.Equal($"<{identity}>", System.Text.Encoding.UTF8.GetString(Assert.Single(record.Headers).Value.Span));
    }

    [Fact]
    public async Task Fetch_FilteredByIdentityOrAttribute_OnlyOnesOwn()
    {
        await using var guarded = await StartAsync(Bindings);
        guarded.Gateway.Items.Append(0, "alice", "of alice", ("tenant", "t1"));
        guarded.Gateway.Items.Append(0, "bob", "of bob", ("tenant", "t2"));
        guarded.Gateway.Items.Append(0, "", "of nobody", ("tenant", ""));

        Assert.Equal("of alice", await TextAsync(guarded, "/mine", Token("alice")));
        Assert.Equal("of bob", await TextAsync(guarded, "/mine", Token("bob")));
        Assert.Equal("of bob", await TextAsync(guarded, "/tenant", Token("alice", "t2")));
        Assert.Equal("404", await TextAsync(guarded, "/mine", Token("carol")));
    }

    [Theory]
    [InlineData("""{"sub":""}""")]
    [InlineData("""{"sub":null}""")]
    public async Task NobodyInParticular_RoutesThatAskWhoItIs_AreNotTaken(string claims)
    {
        await using var guarded = await StartAsync(Bindings);
        guarded.Gateway.Items.Append(0, "", "of nobody", ("tenant", ""), ("for", ""));
        var token = Issuer.Token(TestIssuer.Now, claims);

        foreach (var path in new[] { "/mine", "/tenant", "/events" })
        {
            using var known = await guarded.GetAsync(path, token);
            using var anyone = await guarded.GetAsync(path);
            Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.Unauthorized), (known.StatusCode, anyone.StatusCode));
        }

        using var put = await guarded.SendAsync(HttpMethod.Put, "/mine", token);
        Assert.Equal(HttpStatusCode.NotFound, put.StatusCode);
        Assert.Single(guarded.Gateway.Items.Records(0));
    }

    [Theory]
    [InlineData("t1", HttpStatusCode.NoContent)]
    [InlineData("../t1", HttpStatusCode.NotFound)]
    [InlineData("t 1", HttpStatusCode.NotFound)]
    public async Task Produce_TopicOfTheAttribute_OnlyIfItIsATopic(string tenant, HttpStatusCode status)
    {
        await using var guarded = await StartAsync(Bindings);
        _ = guarded.Gateway.Cache.Topic("of-t1");

        using var response = await guarded.SendAsync(HttpMethod.Put, "/own", Token("alice", tenant));

        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task Location_OfAnIdentityThatIsNoHeaderText_Escaped()
    {
        await using var guarded = await StartAsync(Bindings);
        _ = guarded.Gateway.Cache.Topic("replies");
        using var request = Request(guarded.Gateway.Client, HttpMethod.Put, "/ask", Token("a/b\r\nx"));
        request.Headers.Add("Prefer", "respond-async");

        using var accepted = await guarded.Gateway.Client.SendAsync(request);
        var location = Assert.Single(accepted.Headers.GetValues("location"));
        using var asked = await guarded.GetAsync(location, Token("a/b\r\nx"));

        Assert.StartsWith("/ask/a%2Fb%0D%0Ax;cid=", location, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (accepted.StatusCode, asked.StatusCode));
    }

    [Fact]
    public async Task Events_FilteredByIdentity_OnlyOnesOwn()
    {
        await using var guarded = await StartAsync(Bindings);
        guarded.Gateway.Items.Append(0, "1", "to bob", ("for", "bob"));
        guarded.Gateway.Items.Append(0, "2", "to alice", ("for", "alice"));

        await using var events = await EventStream.OpenAsync(guarded.Gateway.Client, "/events?access_token=" + Token("alice"));
        await events.ExpectAsync("retry:2500\n\nid:AQIABA==\ndata:to alice\n\n");
        guarded.Gateway.Items.Append(0, "1", "to bob", ("for", "bob"));
        guarded.Gateway.Items.Append(0, "2", "to alice", ("for", "alice"));
        await events.ExpectAsync("id:AQIACA==\ndata:to alice\n\n");
    }

    private static string Token(string identity, string tenant = "t1") =>
        Issuer.Token(TestIssuer.Now, $$$"""{"sub":{{{JsonSerializer.Serialize(identity)}}},"org":{"tenant":"{{{tenant}}}"}}""");

    private static async Task<string> TextAsync(GuardedGateway guarded, string path, string token)
    {
        using var response = await guarded.GetAsync(path, token);
        return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync() : $"{(int)response.StatusCode}";
    }

    private static HttpKafkaRoute Produce(string path, HttpKafkaProduce produce, string? location = null) => new()
    {
        Exit = "cache",
        When = location is null ? [When("PUT", path)] : [When("PUT", path), When("GET", location)],
        Produce = produce,
    };

    private static HttpKafkaRoute Fetch(string path, HttpKafkaFetch fetch) => new() { Exit = "cache", When = [When("GET", path)], Fetch = fetch };

    private static HttpKafkaCondition When(string method, string path) => new() { Method = method, Path = path };
}
