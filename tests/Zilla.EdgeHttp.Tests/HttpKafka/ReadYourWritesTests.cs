using System.Net;
using Zilla.Streams.Kafka;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.HttpKafka;

/// <summary>What a produce is answered with, presented to a read whose replica is behind.</summary>
public sealed class ReadYourWritesTests
{
    [Fact]
    public async Task Put_Written_AnsweredWithItsProgress()
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "0", "-");

        Assert.Equal("AQIABA==", await PutAsync(gateway, "new")); // partition 0, next offset 2: reference §4.1
    }

    [Theory]
    [InlineData("/items/1", null, "new")]
    [InlineData("/items/1", "wait=60", "new")]
    [InlineData("/items", null, "[new]")]
    public async Task Get_ReplicaBehind_WaitsUntilItHasTheWrite(string path, string? prefer, string expected)
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Compacted = true;
        gateway.Items.Append(0, "1", "old");
        gateway.Cache.Lag = 1;
        var written = await PutAsync(gateway, "new");
        Assert.Contains("old", await gateway.Client.GetStringAsync(path));

        var reading = GetAsync(gateway, path, written, prefer);
        await Eventually.HoldsAsync(() => gateway.Cache.Opened.Any(b => !(b.Kafka.Fetch?.After ?? Google.Protobuf.ByteString.Empty).IsEmpty));
        Assert.False(reading.IsCompleted);
        gateway.Cache.Lag = 0;
        gateway.Items.Pulse();

        using var response = await reading;
        Assert.Equal(expected, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Get_WriteOfAnotherRecord_WaitsForThisOneAfterIt()
    {
        await using var gateway = await Gateway.StartAsync();
        _ = gateway.Items;
        var written = await PutAsync(gateway, "x", "/items/2");

        var reading = GetAsync(gateway, "/items/1", written, "wait=60");
        await Eventually.HoldsAsync(() => gateway.Cache.Opened.Count(b => b.Kafka.Fetch is not null) > 1);
        gateway.Items.Append(0, "1", "later");

        using var response = await reading;
        Assert.Equal("later", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Get_SeveralWrites_AllCount()
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "old");
        var first = await PutAsync(gateway, "a");
        var second = await PutAsync(gateway, "b");

        using var response = await GetAsync(gateway, "/items/1", $"\"{second}\", {first}");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var after = gateway.Cache.Opened.Last().Kafka.Fetch.After;
        Assert.Equal(KafkaProgress.Of(0, 3).Encode(), after.ToByteArray());
    }

    [Theory]
    [InlineData("/items/1")]
    [InlineData("/items")]
    public async Task Get_NoProgress_400(string path)
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "x");

        using var response = await GetAsync(gateway, path, "AQIABA");

        await Problems.AssertAsync(response, HttpStatusCode.BadRequest, "zilla-progress");
    }

    private static async Task<string> PutAsync(Gateway gateway, string value, string path = "/items/1")
    {
        using var response = await gateway.Client.PutAsync(path, new StringContent(value));
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        return Assert.Single(response.Headers.GetValues("zilla-progress"));
    }

    private static Task<HttpResponseMessage> GetAsync(Gateway gateway, string path, string progress, string? prefer = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "zilla-progress", progress } } };
        if (prefer is not null)
        {
            request.Headers.Add("Prefer", prefer);
        }

        return gateway.Client.SendAsync(request);
    }
}
