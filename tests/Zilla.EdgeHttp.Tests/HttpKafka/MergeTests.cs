using System.Net;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.HttpKafka;

public sealed class MergeTests
{
    [Fact]
    public async Task Get_Records_OneArrayVerbatimWithTheTagOfTheLastOffsets()
    {
        await using var gateway = await Gateway.StartAsync();
        var items = gateway.Cache.Topic("items", partitions: 2);
        items.Append(0, "1", """{"a": 1}""");
        items.Append(0, "2", null);
        items.Append(1, "3", "");
        items.Append(1, "4", "not json");

        using var response = await gateway.Client.GetAsync("/items");

        Assert.Equal("""[{"a": 1},not json]""", await response.Content.ReadAsStringAsync());
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        Assert.True(response.Headers.TransferEncodingChunked);
        Assert.Equal("AQQAAgIC", Tag(response)); // p0 last offset 1, p1 last offset 1
    }

    [Fact]
    public async Task Get_EmptyTopic_EmptyArrayAndTagOfMinusOne()
    {
        await using var gateway = await Gateway.StartAsync();
        _ = gateway.Items;

        using var response = await gateway.Client.GetAsync("/items?any=query");
        using var plain = await gateway.Client.GetAsync("/items");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode); // the mapping matches the query too, reference §4.1
        Assert.Equal("[]", await plain.Content.ReadAsStringAsync());
        Assert.Equal("AQIAAQ==", Tag(plain));
    }

    [Theory]
    [InlineData("AQIAAA==", HttpStatusCode.NotModified)] // last offset 0: current
    [InlineData("AQIAAQ==", HttpStatusCode.OK)]
    [InlineData("nonsense", HttpStatusCode.OK)]
    public async Task Get_Condition_304OnlyWhenCurrent(string condition, HttpStatusCode expected)
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "1");

        using var response = await GetAsync(gateway, condition);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal("AQIAAA==", Tag(response));
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
    }

    [Fact]
    public async Task Get_PreferWait_HoldsUntilAChange()
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "1");
        var waiting = GetAsync(gateway, "AQIAAA==", "wait=30");
        await Eventually.HoldsAsync(() => gateway.Cache.Opened.Any(b => b.Kafka.Fetch.Bound == Streams.V1.KafkaFetch.Types.Bound.Live));

        gateway.Items.Append(0, "2", "2");

        using var response = await waiting;
        Assert.Equal("[1,2]", await response.Content.ReadAsStringAsync());
        Assert.Equal("AQIAAg==", Tag(response));
    }

    [Fact]
    public async Task Get_PreferWaitAndTimeOver_304()
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "1");

        using var response = await GetAsync(gateway, "AQIAAA==", "wait=0");

        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
    }

    [Fact]
    public async Task Get_CacheLostHalfWay_GoesOnWithTheNext()
    {
        await using var gateway = await Gateway.StartAsync();
        for (var i = 0; i < 20; i++)
        {
            gateway.Items.Append(0, $"{i}", new string('1', 10_000));
        }

        var written = 0;
        gateway.Cache.BeforeWrite = async () =>
        {
            if (++written == 15)
            {
                await gateway.Cache.CutAsync();
            }
        };

        var items = await gateway.Client.GetStringAsync("/items");
        Assert.Equal($"[{string.Join(',', Enumerable.Repeat(new string('1', 10_000), 20))}]", items);
        Assert.True(written > 15);
    }

    private static Task<HttpResponseMessage> GetAsync(Gateway gateway, string condition, string? prefer = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/items");
        request.Headers.TryAddWithoutValidation("If-None-Match", condition);
        if (prefer is not null)
        {
            request.Headers.TryAddWithoutValidation("Prefer", prefer);
        }

        return gateway.Client.SendAsync(request);
    }

    private static string Tag(HttpResponseMessage response) => Assert.Single(response.Headers.NonValidated["ETag"]);
}
