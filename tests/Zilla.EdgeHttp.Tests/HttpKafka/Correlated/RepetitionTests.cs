using System.Net;
using Zilla.Streams;
using Zilla.Streams.V1;
using Zilla.Testing;
using static Zilla.EdgeHttp.Tests.HttpKafka.Correlated.Correlation;

namespace Zilla.EdgeHttp.Tests.HttpKafka.Correlated;

/// <summary>A request that comes again with its idempotency key is produced once.</summary>
public sealed class RepetitionTests
{
    [Fact]
    public async Task Post_AgainAfterTheResponse_GetsThatAndProducesNothing()
    {
        await using var gateway = await StartAsync();
        var first = PostAsync(gateway);
        gateway.Reply(await gateway.RequestAsync(), "made", (":status", "201"));
        Assert.Equal(HttpStatusCode.Created, (await first).StatusCode);

        using var again = await PostAsync(gateway);

        Assert.Equal((HttpStatusCode.Created, "made"), (again.StatusCode, await again.Content.ReadAsStringAsync()));
        Assert.Equal(1, gateway.Requests().End(0));
    }

    [Fact]
    public async Task Post_AgainWhilePending_JoinsTheFirst()
    {
        await using var gateway = await StartAsync();
        var first = PostAsync(gateway);
        var record = await gateway.RequestAsync();

        var again = PostAsync(gateway);
        await Eventually.HoldsAsync(() => Listening(gateway) == 2);
        gateway.Reply(record, "made");

        Assert.Equal("made", await (await first).Content.ReadAsStringAsync());
        Assert.Equal("made", await (await again).Content.ReadAsStringAsync());
        Assert.Equal(1, gateway.Requests().End(0));
    }

    [Fact]
    public async Task Post_AgainThroughAnotherEdge_FindsItsRequestInTheTopic()
    {
        await using var gateway = await StartAsync();
        await using var other = await StartAsync();
        var first = PostAsync(gateway);
        var record = await gateway.RequestAsync();
        other.Requests().Append(0, record.Key, record.Value, record.Headers); // the same cluster, as the other sees it

        var again = PostAsync(other);
        await Eventually.HoldsAsync(() => Listening(other) == 1 && Fetches(other, "requests") == 1);
        other.Reply(record, "made");

        Assert.Equal("made", await (await again).Content.ReadAsStringAsync());
        Assert.Equal(1, other.Requests().End(0));
        gateway.Reply(record, "made");
        await first;
    }

    [Fact]
    public async Task Post_AgainWithAnotherTrace_IsTheSameRequest()
    {
        await using var gateway = await StartAsync();
        var first = PostAsync(gateway, ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        var record = await gateway.RequestAsync();
        gateway.Reply(record, "made");
        await first;

        using var again = await PostAsync(gateway, ("traceparent", "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203332-01"));

        Assert.Equal("made", await again.Content.ReadAsStringAsync());
        Assert.Equal(1, gateway.Requests().End(0));
        Assert.Equal("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", record.Header("traceparent"));
    }

    [Fact]
    public async Task Post_OtherBodyWithTheSameKey_IsAnotherRequest()
    {
        await using var gateway = await StartAsync();
        var first = PostAsync(gateway);
        gateway.Reply(await gateway.RequestAsync(), "one");
        await first;

        using var request = Request(HttpMethod.Post, "/items/1", "other", ("Idempotency-Key", "k"));
        var second = gateway.Client.SendAsync(request);
        gateway.Reply(await gateway.RequestAsync(1), "two");

        Assert.Equal("two", await (await second).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Post_WithoutKey_SearchesNothing()
    {
        await using var gateway = await StartAsync();
        using var request = Request(HttpMethod.Post, "/items/1", "x");
        var sent = gateway.Client.SendAsync(request);
        gateway.Reply(await gateway.RequestAsync(), "made");
        await sent;

        Assert.Equal(0, Fetches(gateway, "requests"));
        Assert.Equal([KafkaFetch.Types.Bound.Live], gateway.Cache.Opened.Where(b => b.Kafka.Fetch is not null).Select(b => b.Kafka.Fetch.Bound));
    }

    [Fact]
    public async Task Post_ClientLeavesWhileProducing_IsProducedOnce()
    {
        await using var gateway = await StartAsync();
        using (var leaving = new CancellationTokenSource())
        {
            using var request = Request(HttpMethod.Post, "/items/1", "x", ("Host", "example.com"), ("Idempotency-Key", "k"));
            var first = gateway.Client.SendAsync(request, leaving.Token);
            await gateway.RequestAsync();
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        }

        var again = PostAsync(gateway);
        await Eventually.HoldsAsync(() => Listening(gateway) >= 1 && gateway.Cache.Opened.Count(b => b.Kafka.Fetch?.Bound == KafkaFetch.Types.Bound.End && b.Kafka.Topic == "replies") == 2);
        gateway.Reply(gateway.Requests().At(0, 0)!, "made");

        Assert.Equal("made", await (await again).Content.ReadAsStringAsync());
        Assert.Equal(1, gateway.Requests().End(0));
    }

    [Fact]
    public async Task Post_FirstTryFailed_IsTriedAgain()
    {
        await using var gateway = await StartAsync();
        gateway.Cache.Refusal = new StreamBrokenException(Cause.Unavailable, "down");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(gateway)).StatusCode);

        gateway.Cache.Refusal = null;
        var again = PostAsync(gateway);
        gateway.Reply(await gateway.RequestAsync(), "made");

        Assert.Equal("made", await (await again).Content.ReadAsStringAsync());
    }

    private static Task<HttpResponseMessage> PostAsync(Gateway gateway, params (string Name, string Value)[] headers) =>
        gateway.Client.SendAsync(Request(HttpMethod.Post, "/items/1", "x", [("Host", "example.com"), ("Idempotency-Key", "k"), .. headers]));

    /// <summary>How many requests have looked for their response in the topic's history.</summary>
    private static int Listening(Gateway gateway) => Fetches(gateway, "replies");

    private static int Fetches(Gateway gateway, string topic) => gateway.Cache.Opened.Count(b => b.Kafka.Topic == topic && b.Kafka.Fetch?.Bound == KafkaFetch.Types.Bound.End);
}
