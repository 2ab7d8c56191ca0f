using System.Net;
using System.Text;
using Zilla.Config.Bindings;
using Zilla.Streams.Kafka;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.Sse;

public sealed class SseTests
{
    private const string Retry = "retry:2500\n\n";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Get_HistoryThenLive_ByteExact(bool http2)
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", """{"a":1}""");
        gateway.Items.Append(0, "1", "two\nlines\r\nthree\rfour");

        await using var events = await EventStream.OpenAsync(http2 ? gateway.Http2 : gateway.Client, "/events");
        await events.ExpectAsync(Retry + "id:AQIAAg==\ndata:{\"a\":1}\n\n" + "id:AQIABA==\ndata:two\ndata:lines\ndata:three\ndata:four\n\n");
        gateway.Items.Append(0, "1", null);
        await events.ExpectAsync("id:AQIABg==\nevent:delete\ndata:MQ==\n\n");
        gateway.Items.Append(0, "1", "", ("etag", "v4"));
        await events.ExpectAsync("id:AQIACA==/v4\ndata:\n\n");

        Assert.Equal(HttpStatusCode.OK, events.Response.StatusCode);
        Assert.Equal("text/event-stream", events.Response.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-cache", events.Response.Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task Get_IdsWithKey_ByteExact()
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "key-1", "a");
        gateway.Items.Append(0, null, "b", ("etag", "\"q\\"));

        await using var events = await EventStream.OpenAsync(gateway.Client, "/keyed");

        await events.ExpectAsync(Retry + "id:[\"a2V5LTE=\",\"AQIAAg==\"]\ndata:a\n\n" + "id:[null,\"AQIABA==/\\\"q\\\\\"]\ndata:b\n\n");
    }

    [Fact]
    public async Task Get_FilterOfThePath_OnlyThatKey()
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "no");
        gateway.Items.Append(0, "2", "yes");

        await using var events = await EventStream.OpenAsync(gateway.Client, "/events/2");
        await events.ExpectAsync(Retry + "id:AQIABA==\ndata:yes\n\n");
        gateway.Items.Append(0, "1", "no");
        gateway.Items.Append(0, "2", "yes too");
        await events.ExpectAsync("id:AQIACA==\ndata:yes too\n\n");
    }

    [Theory]
    [InlineData("AQIAAg==")]
    [InlineData("AQIAAg==/v1")]
    [InlineData("[\"MQ==\",\"AQIAAg==\"]")] // Zilla's own decoder loses the last character of this one
    [InlineData("[\"MQ==\",\"AQIAAg==/v1\"]")]
    [InlineData("[null,\"AQIAAg==\"]")]
    public async Task Get_LastEventIdInAnySpelling_Resumes(string id)
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "seen");
        gateway.Items.Append(0, "1", "new");

        await using var byHeader = await EventStream.OpenAsync(gateway.Client, "/events", id);
        await using var byQuery = await EventStream.OpenAsync(gateway.Client, "/events?lastEventId=" + Uri.EscapeDataString(id));

        await byHeader.ExpectAsync(Retry + "id:AQIABA==\ndata:new\n\n");
        await byQuery.ExpectAsync(Retry + "id:AQIABA==\ndata:new\n\n");
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("[1,2]")]
    [InlineData("[\"MQ==\"")]
    [InlineData("[\"MQ==\",null]")]
    [InlineData("[[[[[[")]
    [InlineData("AQIAAg=")]
    [InlineData("/v1")]
    public async Task Get_LastEventIdThatMeansNothing_FromTheBeginning(string id)
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "a");

        await using var events = await EventStream.OpenAsync(gateway.Client, "/events", id);

        await events.ExpectAsync(Retry + "id:AQIAAg==\ndata:a\n\n");
    }

    [Fact]
    public async Task Get_LastEventId_LongIdsOfManyPartitionsPass_LongerOnesAre400()
    {
        await using var gateway = await Gateway.StartAsync();
        var items = gateway.Cache.Topic("items", partitions: 1000);
        var progress = KafkaProgress.Create([.. Enumerable.Range(0, 1000).Select(p => new PartitionOffset(p, 0))]);
        items.Append(999, "1", "a");

        await using var events = await EventStream.OpenAsync(gateway.Client, "/events", progress.ToBase64Url());
        await events.ExpectAsync(Retry + "id:" + progress.With(999, 1).ToBase64Url() + "\ndata:a\n\n");

        await using var tooLong = await EventStream.OpenAsync(gateway.Client, "/events", new string('A', 16_385));
        await Problems.AssertAsync(tooLong.Response, HttpStatusCode.BadRequest, "16384");
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("HEAD")]
    public async Task OtherMethods_405(string method)
    {
        await using var gateway = await Gateway.StartAsync();

        using var response = await gateway.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/events"));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["GET"], response.Content.Headers.Allow);
    }

    [Fact]
    public async Task Get_UnknownTopicOrNoReplica_AProblemNotAStream()
    {
        await using var gateway = await Gateway.StartAsync();
        await using var unknown = await EventStream.OpenAsync(gateway.Client, "/events");
        await Problems.AssertAsync(unknown.Response, HttpStatusCode.NotFound, "no topic");

        gateway.Cache.IsConnected = false;
        await using var none = await EventStream.OpenAsync(gateway.Client, "/events");
        await Problems.AssertAsync(none.Response, HttpStatusCode.ServiceUnavailable, "replica");
    }

    [Fact]
    public async Task Get_Idle_CommentEveryKeepAlive()
    {
        await using var gateway = await Gateway.StartAsync(TimeProvider.System, new Dictionary<string, string?> { ["Zilla:Edge:Http:SseKeepAlive"] = "00:00:00.050" });
        _ = gateway.Items;

        await using var events = await EventStream.OpenAsync(gateway.Client, "/events");

        await events.ExpectAsync(Retry + ":\n\n:\n\n");
    }

    [Fact]
    public async Task Get_ClientGone_EverythingReleased()
    {
        await using var gateway = await Gateway.StartAsync(TimeProvider.System, new Dictionary<string, string?> { ["Zilla:Edge:Cache:FeedLinger"] = "00:00:00.010" });
        _ = gateway.Items;
        var events = await EventStream.OpenAsync(gateway.Client, "/events");
        await events.ExpectAsync(Retry);
        Assert.Equal(1, gateway.Cache.OpenStreams);

        await events.DisposeAsync();

        await Eventually.HoldsAsync(() => gateway.Cache.OpenStreams == 0);
    }

    [Fact]
    public async Task Get_ReplicaLost_StreamGoesOn()
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "a");
        await using var events = await EventStream.OpenAsync(gateway.Client, "/events");
        await events.ExpectAsync(Retry + "id:AQIAAg==\ndata:a\n\n");

        await gateway.Cache.CutAsync();
        gateway.Items.Append(0, "1", "b");

        await events.ExpectAsync("id:AQIABA==\ndata:b\n\n");
    }

    [Fact]
    public async Task Stop_OpenStreams_EndedInOrder()
    {
        await using var gateway = await Gateway.StartAsync();
        _ = gateway.Items;
        await using var http1 = await EventStream.OpenAsync(gateway.Client, "/events");
        await using var http2 = await EventStream.OpenAsync(gateway.Http2, "/events");
        await http1.ExpectAsync(Retry);
        await http2.ExpectAsync(Retry);

        var stopping = gateway.StopAsync();

        await http1.ExpectEndAsync();
        await http2.ExpectEndAsync();
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData("text/event-stream;ext=timestamp", true)]
    [InlineData("text/html, Text/Event-Stream; ext=\"Timestamp\"", false)]
    [InlineData("text/event-stream ; q=0.5; ext=timestamp", true)]
    [InlineData("text/event-stream;ext=other", false)]
    [InlineData("text/html;ext=timestamp", false)]
    [InlineData(";;,/", false)]
    public async Task Get_AcceptWithTimestamps_EachEventSaysWhen(string accept, bool timestamps)
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "a");
        gateway.Items.Append(0, "1", null);
        gateway.Client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", accept);

        await using var events = await EventStream.OpenAsync(gateway.Client, "/events");

        var when = timestamps ? "timestamp:0x1\n" : "";
        await events.ExpectAsync(Retry + $"id:AQIAAg==\ndata:a\n{when}\nid:AQIABA==\nevent:delete\ndata:MQ==\n{when}\n");
        Assert.Equal(timestamps ? "text/event-stream;ext=timestamp" : "text/event-stream", string.Join("", events.Response.Content.Headers.NonValidated["Content-Type"]));
    }

    [Fact]
    public async Task Apply_RoutesChange_TheirStreamsEnd_OthersGoOn()
    {
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "a");
        await using var changed = await EventStream.OpenAsync(gateway.Client, "/events");
        await using var gone = await EventStream.OpenAsync(gateway.Client, "/keyed");
        await using var kept = await EventStream.OpenAsync(gateway.Client, "/events/1");
        await using var keptToo = await EventStream.OpenAsync(gateway.Http2, "/events/1");
        const string Event = "id:AQIAAg==\ndata:a\n\n";
        await changed.ExpectAsync(Retry + Event);
        await gone.ExpectAsync(Retry + "id:[\"MQ==\",\"AQIAAg==\"]\ndata:a\n\n");
        await kept.ExpectAsync(Retry + Event);
        await keptToo.ExpectAsync(Retry + Event);

        var routes = Quickstart.Bindings.OfType<SseKafkaBinding>().Single().Routes;
        await gateway.ApplyAsync([gateway.Port]); // says the same
        await gateway.ApplyAsync([gateway.Port], new SseKafkaBinding { Name = "sse-kafka", Routes = [routes[0] with { EventIdWithKey = true }, routes[1]] });

        await changed.ExpectEndAsync();
        await gone.ExpectEndAsync();
        gateway.Items.Append(0, "1", "b");
        await kept.ExpectAsync("id:AQIABA==\ndata:b\n\n");
        await keptToo.ExpectAsync("id:AQIABA==\ndata:b\n\n");
        await using var back = await EventStream.OpenAsync(gateway.Client, "/events", "AQIAAg==");
        await back.ExpectAsync(Retry + "id:[\"MQ==\",\"AQIABA==\"]\ndata:b\n\n");
    }

    [Fact]
    public async Task Get_Http2ReaderThatStalls_EventsWait_OtherResponsesAreCut()
    {
        await using var gateway = await Gateway.StartAsync(TimeProvider.System, new Dictionary<string, string?>
        {
            ["Zilla:Edge:Http:MinResponseRate"] = "1000000000",
            ["Zilla:Edge:Http:RateGrace"] = "00:00:01.100",
        });
        var value = new string('x', 900_000);
        gateway.Items.Append(0, "1", value);
        await using var events = await EventStream.OpenAsync(gateway.Http2, "/events");
        using var item = await gateway.Http2.GetAsync("/items/1", HttpCompletionOption.ResponseHeadersRead);

        // Neither is read until the one that has an end is cut; the event stream stands as long.
        var body = await item.Content.ReadAsStreamAsync();
        await Eventually.HoldsAsync(() => gateway.Log.Lines.Any(line => line.Contains("/items/1 was cut", StringComparison.Ordinal)));

        await Assert.ThrowsAnyAsync<Exception>(() => body.CopyToAsync(Stream.Null));
        await events.ExpectAsync(Retry + "id:AQIAAg==\ndata:" + value + "\n\n");
    }

    [Fact]
    public async Task Get_ManySlowReaders_OthersAreServed()
    {
        await using var gateway = await Gateway.StartAsync(TimeProvider.System, new Dictionary<string, string?> { ["Zilla:Edge:Cache:QueueRecords"] = "4" });
        _ = gateway.Items;
        await using var stalled = await EventStream.OpenAsync(gateway.Client, "/events");
        await using var reader = await EventStream.OpenAsync(gateway.Client, "/events/last");
        await reader.ExpectAsync(Retry);
        var value = new string('x', 20_000);
        var expected = new StringBuilder(Retry);
        for (var i = 1; i <= 400; i++)
        {
            gateway.Items.Append(0, "bulk", value);
            expected.Append("id:").Append(KafkaProgress.Of(0, i).ToBase64Url()).Append("\ndata:").Append(value).Append("\n\n");
        }

        gateway.Items.Append(0, "last", "done");

        await reader.ExpectAsync($"id:{KafkaProgress.Of(0, 401).ToBase64Url()}\ndata:done\n\n");
        await stalled.ExpectAsync(expected.ToString()); // and the slow one, once it reads, misses nothing
    }
}
