using System.Net;
using Zilla.Testing;
using static Zilla.EdgeHttp.Tests.HttpKafka.Correlated.Correlation;

namespace Zilla.EdgeHttp.Tests.HttpKafka.Correlated;

/// <summary><c>Prefer: respond-async</c> and the location that it gives (reference §4.1).</summary>
public sealed class AsyncTests
{
    [Fact]
    public async Task Put_RespondAsync_202WithTheLocationThatGivesTheResponse()
    {
        await using var gateway = await StartAsync();

        using var accepted = await PutAsync(gateway, "respond-async");

        Assert.Equal((HttpStatusCode.Accepted, 0L), (accepted.StatusCode, accepted.Content.Headers.ContentLength));
        var record = await gateway.RequestAsync();
        var location = accepted.Headers.NonValidated["Location"].ToString();
        Assert.Equal($"/items/1/async;cid={record.Header(Id)}", location);
        Assert.Equal(record.Header(Id), accepted.Headers.NonValidated["x-id"].ToString());
        Assert.Null(record.Header("prefer"));

        using var early = await GetAsync(gateway, location);
        Assert.Equal((HttpStatusCode.Accepted, location), (early.StatusCode, early.Headers.NonValidated["Location"].ToString()));

        gateway.Reply(record, "made", (":status", "201"));
        using var late = await GetAsync(gateway, location);
        Assert.Equal((HttpStatusCode.Created, "made"), (late.StatusCode, await late.Content.ReadAsStringAsync()));
        Assert.Equal(1, gateway.Requests().End(0));
    }

    [Fact]
    public async Task Get_LocationWithWait_AnsweredOnArrival()
    {
        await using var gateway = await StartAsync();
        using var accepted = await PutAsync(gateway, "respond-async");
        var waiting = GetAsync(gateway, accepted.Headers.NonValidated["Location"].ToString(), "wait=30");
        await Eventually.HoldsAsync(() => gateway.Cache.Opened.Any(b => b.Kafka.Fetch is not null));
        Assert.False(waiting.IsCompleted);

        gateway.Reply(await gateway.RequestAsync(), "made");

        Assert.Equal("made", await (await waiting).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Get_LocationAndWaitOver_202Again()
    {
        await using var gateway = await StartAsync();
        using var accepted = await PutAsync(gateway, "respond-async");
        var location = accepted.Headers.NonValidated["Location"].ToString();

        using var again = await GetAsync(gateway, location, "wait=0");

        Assert.Equal((HttpStatusCode.Accepted, location), (again.StatusCode, again.Headers.NonValidated["Location"].ToString()));
    }

    [Fact]
    public async Task Put_WithoutThePreference_WaitsAsSync()
    {
        await using var gateway = await StartAsync();
        var sent = PutAsync(gateway, "wait=30");

        gateway.Reply(await gateway.RequestAsync(), "made");

        Assert.Equal("made", await (await sent).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Put_AgainWithTheSameKey_SameLocationAndNothingProduced()
    {
        await using var gateway = await StartAsync();
        using var first = await PutAsync(gateway, "respond-async", "k /?");
        using var pending = await PutAsync(gateway, "respond-async", "k /?");
        gateway.Reply(await gateway.RequestAsync(), "made");
        using var done = await PutAsync(gateway, "respond-async", "k /?");

        var location = first.Headers.NonValidated["Location"].ToString();
        Assert.StartsWith("/items/1/async;cid=k%20%2F%3F-", location, StringComparison.Ordinal);
        Assert.Equal([location, location], new[] { pending, done }.Select(r => r.Headers.NonValidated["Location"].ToString()));
        Assert.Equal(1, gateway.Requests().End(0));
        Assert.Equal("made", await (await GetAsync(gateway, location)).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Put_RespondAsyncWhereTheRouteHasNoAsync_IsSync()
    {
        await using var gateway = await StartAsync();
        var sent = gateway.Client.SendAsync(Request(HttpMethod.Put, "/items/1", "x", ("Prefer", "respond-async")));

        gateway.Reply(await gateway.RequestAsync(), "made");

        Assert.Equal(HttpStatusCode.OK, (await sent).StatusCode);
    }

    private static Task<HttpResponseMessage> PutAsync(Gateway gateway, string prefer, string key = "k") =>
        gateway.Client.SendAsync(Request(HttpMethod.Put, "/items/1/async", "x", ("Prefer", prefer), ("Idempotency-Key", key)));

    private static Task<HttpResponseMessage> GetAsync(Gateway gateway, string location, string? prefer = null) =>
        gateway.Client.SendAsync(Request(HttpMethod.Get, location, null, prefer is null ? [] : [("Prefer", prefer)]));
}
