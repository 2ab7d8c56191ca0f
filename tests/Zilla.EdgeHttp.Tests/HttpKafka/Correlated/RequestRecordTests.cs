using System.Net;
using static Zilla.EdgeHttp.Tests.HttpKafka.Correlated.Correlation;

namespace Zilla.EdgeHttp.Tests.HttpKafka.Correlated;

/// <summary>What a correlated request looks like in its topic (reference §4.1).</summary>
public sealed class RequestRecordTests
{
    private const string Item = "92d0bf92-63e0-4cfc-ae73-71dee92d1544";

    [Fact]
    public async Task Post_Command_HeadersInOrderAndTheIdThatTheirBytesGive()
    {
        await using var gateway = await StartAsync();
        using var request = Request(
            HttpMethod.Post, $"/items/{Item}/rename", """{ "name": "widget" }""",
            ("Host", "example.com:9090"), ("Idempotency-Key", "59410e57-3e0f-4b61-9328-f645a7968ac8"), ("Content-Type", "application/json"), ("Prefer", "wait=20"));
        var sent = gateway.Client.SendAsync(request);

        var record = await gateway.RequestAsync();
        gateway.Reply(record, null, (":status", "204"));

        Assert.Equal(HttpStatusCode.NoContent, (await sent).StatusCode);
        Assert.Equal((Item, """{ "name": "widget" }"""), (record.KeyText, record.ValueText));
        Assert.Equal(
            [
                ":method=POST", ":scheme=http", ":authority=example.com:9090", $":path=/items/{Item}/rename",
                "content-type=application/json", "idempotency-key=59410e57-3e0f-4b61-9328-f645a7968ac8",
                "zilla:reply-to=replies", "zilla:identity=test", "zilla:command=rename",
                "zilla:correlation-id=59410e57-3e0f-4b61-9328-f645a7968ac8-3d87269d4af8886177b92da79fe135cf",
            ],
            record.Headers());
    }

    [Fact]
    public async Task Delete_Command_EmptyValueAndNoTombstone()
    {
        await using var gateway = await StartAsync();
        using var request = Request(HttpMethod.Delete, $"/items/{Item}", null, ("Host", "example.com:9090"), ("Idempotency-Key", "7101a8ea-5745-43c8-8d0c-b2f9baba7004"));
        var sent = gateway.Client.SendAsync(request);

        var record = await gateway.RequestAsync();
        gateway.Reply(record, null, (":status", "204"));

        Assert.Equal(HttpStatusCode.NoContent, (await sent).StatusCode);
        Assert.Equal("", record.ValueText);
        Assert.Equal("7101a8ea-5745-43c8-8d0c-b2f9baba7004-3b57835ff36cb63268f3b117b4737194", record.Header(Id));
    }

    [Theory]
    [InlineData("AQIABA==/v7", "v7")]
    [InlineData("\"AQIABA==/v7\"", "v7")]
    [InlineData("W/\"AQIABA==/v7\"", "v7")]
    [InlineData("AQIABA==", null)]
    [InlineData("*", null)]
    public async Task Put_IfMatch_TheServicesOwnTagAlone(string condition, string? forwarded)
    {
        await using var gateway = await StartAsync();
        using var request = Request(HttpMethod.Put, "/items/1", "{}", ("If-Match", condition));
        var sent = gateway.Client.SendAsync(request);

        var record = await gateway.RequestAsync();
        gateway.Reply(record, null, (":status", "412"));

        Assert.Equal(HttpStatusCode.PreconditionFailed, (await sent).StatusCode);
        Assert.Equal(forwarded, record.Header("if-match"));
    }

    [Fact]
    public async Task Get_OverHttp2WithoutKey_RandomKeyAndNothingOfTheConnection()
    {
        await using var gateway = await StartAsync();
        using var request = Request(HttpMethod.Get, "/items/1?x=%20", null, ("X-Many", "a"), ("X-Many", "b"), ("Accept", "*/*"));
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        var sent = gateway.Http2.SendAsync(request);

        var record = await gateway.RequestAsync();
        gateway.Reply(record, "here");

        Assert.Equal("here", await (await sent).Content.ReadAsStringAsync());
        Assert.Equal("1?x=%20", record.KeyText);
        Assert.Equal([":method", ":scheme", ":authority", ":path", "accept", "x-many", "zilla:reply-to", "zilla:identity", Id], record.Headers().Select(h => h.Split('=')[0]).Where(n => n != "traceparent").Distinct());
        Assert.StartsWith(MadeUpKey + "-", record.Header(Id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_RouteWithItsOwnHeader_NamesTheIdSo()
    {
        await using var gateway = await StartAsync();
        using var request = Request(HttpMethod.Post, "/items/named", "x");
        var sent = gateway.Client.SendAsync(request);

        var record = await gateway.RequestAsync();
        Assert.Null(record.Key);
        Assert.Null(record.Header(Id));
        gateway.Replies().Append(0, null, "named", ("x-id", record.Header("x-id")!), (Id, "another"));

        Assert.Equal("named", await (await sent).Content.ReadAsStringAsync());
    }
}
