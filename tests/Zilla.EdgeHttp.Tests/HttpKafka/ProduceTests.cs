using System.Net;
using System.Text;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.EdgeHttp.Tests.HttpKafka;

public sealed class ProduceTests
{
    [Fact]
    public async Task Post_Body_RecordWithKeyAndHeaders()
    {
        await using var gateway = await Gateway.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/items") { Content = new StringContent("""{"a":1}""", Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", "k-1");
        request.Headers.Add("X-Other", "not forwarded");
        _ = gateway.Items;

        using var response = await gateway.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        var record = Assert.Single(gateway.Items.Records(0));
        Assert.Equal(("k-1", """{"a":1}"""), (record.KeyText, record.ValueText));
        Assert.Equal(["content-type=application/json; charset=utf-8", "zilla:by=test-k-1"], Headers(record));
        Assert.Equal(KafkaProduce.Types.Acks.InSyncReplicas, Assert.Single(gateway.Cache.Opened).Kafka.Produce.Acks);
    }

    [Fact]
    public async Task Post_NoIdempotencyKeyNoTypeNoBody_RandomKeyAndEmptyValue()
    {
        await using var gateway = await Gateway.StartAsync();
        _ = gateway.Items;

        using var response = await gateway.Client.PostAsync("/items", null);

        var record = Assert.Single(gateway.Items.Records(0));
        Assert.Equal(("00000000-0000-0000-0000-00000000002a", ""), (record.KeyText, record.ValueText));
        Assert.Equal(["zilla:by=test-00000000-0000-0000-0000-00000000002a"], Headers(record));
    }

    [Fact]
    public async Task Delete_Item_Tombstone()
    {
        await using var gateway = await Gateway.StartAsync();
        _ = gateway.Items;

        using var response = await gateway.Client.DeleteAsync("/items/a%20b");

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        var record = Assert.Single(gateway.Items.Records(0));
        Assert.Equal(("a%20b", null), (record.KeyText, record.ValueText)); // as the client wrote it
        Assert.Equal(KafkaProduce.Types.Acks.LeaderOnly, Assert.Single(gateway.Cache.Opened).Kafka.Produce.Acks);
    }

    [Fact]
    public async Task Post_TopicOfThePath_NullKey()
    {
        await using var gateway = await Gateway.StartAsync();
        var topic = gateway.Cache.Topic("chosen");

        using var response = await gateway.Client.PostAsync("/topics/chosen", new StringContent("x"));
        using var invalid = await gateway.Client.PostAsync("/topics/a/b", new StringContent("x"));
        using var unknown = await gateway.Client.PostAsync("/topics/none", new StringContent("x"));

        Assert.Null(Assert.Single(topic.Records(0)).Key);
        Assert.Equal(HttpStatusCode.NotFound, invalid.StatusCode);
        await Problems.AssertAsync(unknown, HttpStatusCode.NotFound, "no topic none");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Put_LargeBody_WholeOr413(bool chunked, bool http2)
    {
        await using var gateway = await Gateway.StartAsync();
        _ = gateway.Items;

        using var fits = await PutAsync(http2 ? gateway.Http2 : gateway.Client, 1_000_000, chunked);
        using var exceeds = await PutAsync(http2 ? gateway.Http2 : gateway.Client, 1_000_001, chunked);

        Assert.Equal(HttpStatusCode.NoContent, fits.StatusCode);
        Assert.Equal(1_000_000, Assert.Single(gateway.Items.Records(0)).Value!.Length);
        await Problems.AssertAsync(exceeds, HttpStatusCode.RequestEntityTooLarge, "1000000");
    }

    [Theory]
    [InlineData(Cause.InvalidRecord, 400)]
    [InlineData(Cause.NotAuthorized, 403)]
    [InlineData(Cause.UnknownTopic, 404)]
    [InlineData(Cause.Unavailable, 503)]
    [InlineData(Cause.ShuttingDown, 503)]
    [InlineData(Cause.UnknownCluster, 503)]
    [InlineData(Cause.Timeout, 504)]
    [InlineData(Cause.Internal, 500)]
    public async Task Post_Refused_StatusOfTheCause(Cause cause, int status)
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Cache.Refusal = new StreamBrokenException(cause, "the reason", TimeSpan.FromSeconds(2.5));

        using var response = await gateway.Client.PostAsync("/items", new StringContent("x"));

        await Problems.AssertAsync(response, (HttpStatusCode)status, "the reason");
        Assert.Equal(status == 503, response.Headers.RetryAfter is not null);
    }

    [Fact]
    public async Task Post_NoReplica_503WithRetryAfter()
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Cache.IsConnected = false;

        using var response = await gateway.Client.PostAsync("/items", new StringContent("x"));

        await Problems.AssertAsync(response, HttpStatusCode.ServiceUnavailable, "replica");
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter?.Delta);
    }

    private static Task<HttpResponseMessage> PutAsync(HttpClient client, int bytes, bool chunked)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, "/items/1")
        {
            Content = new StreamContent(new MemoryStream(new byte[bytes])),
            Version = client.DefaultRequestVersion,
            VersionPolicy = client.DefaultVersionPolicy,
        };
        request.Content.Headers.ContentLength = chunked ? null : bytes;
        request.Headers.TransferEncodingChunked = chunked && request.Version.Major == 1;
        return client.SendAsync(request);
    }

    private static IEnumerable<string> Headers(Edge.Tests.Fakes.FakeRecord record) =>
        record.Headers.Select(h => $"{Encoding.UTF8.GetString(h.Name.Span)}={Encoding.UTF8.GetString(h.Value.Span)}");
}
