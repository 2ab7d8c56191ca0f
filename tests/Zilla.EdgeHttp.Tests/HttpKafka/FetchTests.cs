using System.Net;
using Zilla.Streams.Kafka;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.HttpKafka;

public sealed class FetchTests
{
    // Values of reference §4.1.
    private const string OnePartitionNext2 = "AQIABA=="; // 01 version, 02 one partition, 00 partition 0, 04 offset 2

    [Fact]
    public async Task Get_Record_BodyLengthTypeAndTag()
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "other", "{}");
        gateway.Items.Append(0, "1", """{"a":1}""", ("content-type", "application/json"));

        using var response = await gateway.Client.GetAsync("/items/1");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("""{"a":1}""", await response.Content.ReadAsStringAsync());
        Assert.Equal(7, response.Content.Headers.ContentLength);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(OnePartitionNext2, Tag(response));
        Assert.Equal(1U, Assert.Single(gateway.Cache.Opened).Kafka.Fetch.Limit);
    }

    [Fact]
    public async Task Get_OverHttp2OnTheSamePort_Same()
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "x");

        using var response = await gateway.Http2.GetAsync("/items/1");

        Assert.Equal((HttpVersion.Version20, HttpStatusCode.OK), (response.Version, response.StatusCode));
        Assert.Equal("x", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Get_RecordWithEtagHeader_AppendedToTheProgress()
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "0", "-");
        gateway.Items.Append(0, "1", "x", ("etag", "v7"));

        using var response = await gateway.Client.GetAsync("/items/1");

        Assert.Equal($"{OnePartitionNext2}/v7", Tag(response));
    }

    [Theory]
    [InlineData("a\r\nset-cookie: b")]
    [InlineData("\u00e9")]
    public async Task Get_RecordHeadersThatDoNotFitHttp_LeftOut(string hostile)
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "x", ("etag", hostile), ("content-type", hostile));

        using var response = await gateway.Client.GetAsync("/items/1");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.DoesNotContain('/', Tag(response));
        Assert.Null(response.Content.Headers.ContentType);
        Assert.False(response.Headers.Contains("set-cookie"));
    }

    [Fact]
    public async Task Get_CompactedTopic_NewestValue()
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Compacted = true;
        gateway.Items.Append(0, "1", "old");
        gateway.Items.Append(0, "1", "new");

        Assert.Equal("new", await gateway.Client.GetStringAsync("/items/1"));
    }

    [Fact]
    public async Task Get_Tombstone_404()
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", null);

        using var response = await gateway.Client.GetAsync("/items/1");

        await Problems.AssertAsync(response, HttpStatusCode.NotFound, "deleted");
    }

    [Fact]
    public async Task Get_EmptyValue_204()
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "");

        using var response = await gateway.Client.GetAsync("/items/1");

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    [Fact]
    public async Task Get_NoRecord_404()
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "x");

        using var response = await gateway.Client.GetAsync("/items/2");

        await Problems.AssertAsync(response, HttpStatusCode.NotFound, "no such record");
    }

    [Theory]
    [InlineData(OnePartitionNext2)]
    [InlineData(OnePartitionNext2 + "/v7")]
    [InlineData("\"" + OnePartitionNext2 + "\"")]
    [InlineData("W/\"" + OnePartitionNext2 + "\"")]
    public async Task Get_NothingNewer_304WithTheSameTag(string condition)
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "0", "-");
        gateway.Items.Append(0, "1", "x");

        using var response = await GetAsync(gateway, "/items/1", condition);

        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
        Assert.Equal(condition.Replace("W/", "").Trim('"'), Tag(response));
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Get_ConditionAndNewerRecord_200()
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "a");
        gateway.Items.Append(0, "1", "b");
        gateway.Items.Append(0, "1", "c");

        using var response = await GetAsync(gateway, "/items/1", OnePartitionNext2);

        Assert.Equal("c", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("AQIABA")] // no padding
    [InlineData("garbage!")]
    [InlineData("AQIA")] // cut short
    [InlineData("AwIABA==")] // version 3
    [InlineData("*")]
    public async Task Get_ConditionThatMeansNothing_AsIfAbsent(string condition)
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "x");

        using var found = await GetAsync(gateway, "/items/1", condition);
        using var absent = await GetAsync(gateway, "/items/2", condition);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (found.StatusCode, absent.StatusCode));
    }

    [Fact]
    public async Task Get_PreferWait_AnsweredOnArrival()
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "a");
        var waiting = GetAsync(gateway, "/items/1", KafkaProgress.Of(0, 1).ToBase64Url(), "wait=30");
        await Eventually.HoldsAsync(() => gateway.Cache.OpenStreams == 1 && gateway.Cache.Opened.Count > 0);

        gateway.Items.Append(0, "2", "not this");
        gateway.Items.Append(0, "1", "b");

        using var response = await waiting;
        Assert.Equal("b", await response.Content.ReadAsStringAsync());
        Assert.Equal(KafkaProgress.Of(0, 3).ToBase64Url(), Tag(response));
    }

    [Theory]
    [InlineData(true, HttpStatusCode.NotModified)]
    [InlineData(false, HttpStatusCode.NotFound)]
    public async Task Get_PreferWaitAndTimeOver_AsWithoutWaiting(bool conditional, HttpStatusCode expected)
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "2", "a");

        using var response = await GetAsync(gateway, "/items/1", conditional ? KafkaProgress.Of(0, 1).ToBase64Url() : null, "respond-sync; wait=0");

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Get_PathWithQuery_QueryIsPartOfTheMatch()
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1?x=2", "odd");

        Assert.Equal("odd", await gateway.Client.GetStringAsync("/items/1?x=2"));
    }

    private static Task<HttpResponseMessage> GetAsync(Gateway gateway, string path, string? condition, string? prefer = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (condition is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", condition);
        }

        if (prefer is not null)
        {
            request.Headers.TryAddWithoutValidation("Prefer", prefer);
        }

        return gateway.Client.SendAsync(request);
    }

    private static string Tag(HttpResponseMessage response) => Assert.Single(response.Headers.NonValidated["ETag"]);
}
