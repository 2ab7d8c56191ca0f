using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeGrpc.Tests.Protos;
using Zilla.Streams;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.EdgeGrpc.Tests.GrpcKafka;

/// <summary>grpc-kafka, capability produce (reference §4.4), with Google's own client in front and a service at the topics behind.</summary>
public sealed class ProduceTests : IAsyncLifetime
{
    private const string Service = "zilla.tests.Things";

    private Gateway _gateway = null!;

    private FakeTopic Requests => _gateway.Cache.Topic("requests");
    private FakeTopic Replies => _gateway.Cache.Topic("replies");

    public async Task InitializeAsync()
    {
        _gateway = await Gateway.StartAsync(Gateway.Produce(Service + "/Upload", "oneway"), Gateway.Produce(Service + "/*", "requests", "replies"));
        _ = (_gateway.Cache.Topic("oneway"), Requests, Replies);
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task OneWay_AnswersWhenKafkaHasIt()
    {
        using var call = _gateway.Things.Upload(new Metadata { { "tenant", "a" }, { "token-bin", [1, 2] } });
        await call.RequestStream.WriteAsync(new Everything { AString = "one" });
        await call.RequestStream.WriteAsync(new Everything { AString = "two" });
        await call.RequestStream.CompleteAsync();
        Assert.Equal(new Everything(), await call.ResponseAsync);

        var id = "00000000-0000-0000-0000-00000000002a-" + Digest("zilla:service" + Service + "zilla:methodUpload");
        var records = _gateway.Cache.Topic("oneway").Records(0);
        Assert.Equal(["one", "two", null], records.Select(record => record.Value is null ? null : Everything.Parser.ParseFrom(record.Value).AString));
        Assert.All(records, record =>
        {
            Assert.Equal(id, record.KeyText);
            Assert.Equal(
                ["zilla:service=zilla.tests.Things", "zilla:method=Upload", "zilla:correlation-id=" + id, "meta:tenant=a", "meta:token-bin=\u0001\u0002"],
                record.Headers.Select(header => $"{Encoding.UTF8.GetString(header.Name.Span)}={Encoding.UTF8.GetString(header.Value.Span)}"));
        });
    }

    [Theory]
    [InlineData("Get", 0, "there is none", 0)]
    [InlineData("Get", 2, "there are more", 1)]
    [InlineData("Watch", 3, "there are more", 1)]
    public async Task OtherThanOneMessage_WhereTheMethodTakesOne_IsRefused_AndNoCall(string method, int count, string words, int records)
    {
        using var content = new ByteArrayContent(new byte[count * 5]);
        content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse("application/grpc-web+proto");
        using var answer = await _gateway.Http.PostAsync($"{_gateway.Address}/{Service}/{method}", content);
        var said = $"{answer.Headers}{Encoding.Latin1.GetString(await answer.Content.ReadAsByteArrayAsync())}";
        Assert.Contains("grpc-status: 13", said, StringComparison.Ordinal);
        Assert.Contains(words, said, StringComparison.Ordinal);
        Assert.InRange(Requests.Records(0).Count, 0, records);
        Assert.DoesNotContain(Requests.Records(0), record => record.Value is null);
    }

    [Fact]
    public async Task OneWay_EachCall_HasItsOwnRecords()
    {
        await using var gateway = await Gateway.StartAsync(Gateway.Produce(Service + "/*", "oneway"));
        gateway.Cache.Topic("oneway");
        foreach (var tenant in new[] { "a", "b" })
        {
            using var call = gateway.Things.Upload(new Metadata { { "tenant", tenant }, { "idempotency-key", tenant } });
            await call.RequestStream.CompleteAsync();
            await call.ResponseAsync;
        }

        await gateway.Things.GetAsync(new Everything(), new Metadata { { "idempotency-key", "c" } });
        Assert.Equal(
            ["a-" + Digest("zilla:service" + Service + "zilla:methodUpload"), "b-" + Digest("zilla:service" + Service + "zilla:methodUpload"), "c-" + Digest("zilla:service" + Service + "zilla:methodGet")],
            gateway.Cache.Topic("oneway").Records(0).Where(record => record.Value is null).Select(record => record.KeyText));
        Assert.Equal(
            ["a", "b"],
            gateway.Cache.Topic("oneway").Records(0).SelectMany(record => record.Headers).Where(header => header.Name.Span.SequenceEqual("meta:tenant"u8)).Select(header => Encoding.UTF8.GetString(header.Value.Span)));
    }

    [Fact]
    public async Task Unary_GetsWhatTheServiceReplies()
    {
        var answering = AnswerAsync(messages: 1, "zilla:status", "0");
        using var call = _gateway.Things.GetAsync(new Everything { AString = "who" });
        Assert.Equal("who?", (await call.ResponseAsync).AString);
        Assert.Equal("yes", (await call.ResponseHeadersAsync).GetValue("first"));
        Assert.Equal([7], call.GetTrailers().GetValueBytes("last-bin")!);
        await answering;
    }

    [Fact]
    public async Task Streams_BothWays_KeepTheirOrder()
    {
        const int Count = 500;
        var answering = AnswerAsync(Count, "zilla:status", "0");
        using var call = _gateway.Things.Talk();
        for (var number = 0; number < Count; number++)
        {
            await call.RequestStream.WriteAsync(new Everything { AString = $"{number}" });
        }

        await call.RequestStream.CompleteAsync();
        var replies = new List<string>();
        await foreach (var reply in call.ResponseStream.ReadAllAsync())
        {
            replies.Add(reply.AString);
        }

        Assert.Equal(Enumerable.Range(0, Count).Select(number => $"{number}?"), replies);
        await answering;
    }

    [Fact]
    public async Task Answer_BeforeTheClientEnds_EndsTheCall()
    {
        using var call = _gateway.Things.Talk();
        await call.RequestStream.WriteAsync(new Everything { AString = "one" });
        await Eventually.HoldsAsync(() => Requests.End(0) == 1);
        var id = Requests.Records(0)[0].Headers.Single(header => header.Name.Span.SequenceEqual("zilla:correlation-id"u8));
        Replies.Append(0, null, new Everything { AString = "enough" }.ToByteArray(), [id]);
        Replies.Append(0, null, null, [id]);
        Assert.True(await Eventually.CompletesAsync(call.ResponseStream.MoveNext(CancellationToken.None)));
        Assert.Equal("enough", call.ResponseStream.Current.AString);
        Assert.False(await Eventually.CompletesAsync(call.ResponseStream.MoveNext(CancellationToken.None)));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    /// <summary>Keys that differ are of calls that differ, whatever alphabet they are written in.</summary>
    [Fact]
    public async Task Metadata_ThatAreNotAscii_AreTheBytesThatCame()
    {
        using var connections = new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 };
        using var client = new HttpClient(connections);
        foreach (var key in new[] { "Möller", "Müller", "モ" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{_gateway.Address}/{Service}/Upload") { Content = new StringContent("", Encoding.UTF8, "application/json") };
            request.Headers.TryAddWithoutValidation("idempotency-key", key);
            request.Headers.TryAddWithoutValidation("tenant", key);
            using var answer = await client.SendAsync(request);
            Assert.Equal("{}", await answer.Content.ReadAsStringAsync());
            var record = _gateway.Cache.Topic("oneway").Records(0)[^1];
            Assert.Equal(key + "-" + Digest("zilla:service" + Service + "zilla:methodUpload"), record.KeyText);
            Assert.Equal(key, Encoding.UTF8.GetString(record.Headers.Single(header => header.Name.Span.SequenceEqual("meta:tenant"u8)).Value.Span));
        }
    }

    [Fact]
    public async Task Metadata_ThatAreNotBase64_AreNotLeftOut_ButRefuseTheCall()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_gateway.Address}/{Service}/Upload") { Content = new StringContent("", Encoding.UTF8, "application/json") };
        request.Headers.Add("token-bin", "!!!");
        using var answer = await _gateway.Http.SendAsync(request);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("token-bin are not Base64", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(_gateway.Cache.Topic("oneway").Records(0));
    }

    [Fact]
    public async Task Error_OfTheService_IsTheCallers()
    {
        var answering = AnswerAsync(messages: 1, "zilla:status", "5", "zilla:message", "no such thing: ü");
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await _gateway.Things.GetAsync(new Everything { AString = "x" }));
        Assert.Equal((StatusCode.NotFound, "no such thing: ü"), (failure.StatusCode, failure.Status.Detail));
        await answering;
    }

    [Fact]
    public async Task Repetition_IsNotProducedAgain_AndGetsTheSameAnswer()
    {
        var metadata = new Metadata { { "idempotency-key", "once" } };
        var answering = AnswerAsync(messages: 1, "zilla:status", "0");
        Assert.Equal("x?", (await _gateway.Things.GetAsync(new Everything { AString = "x" }, metadata)).AString);
        await answering;
        var before = Requests.Records(0).Count;
        Assert.Equal("x?", (await _gateway.Things.GetAsync(new Everything { AString = "x" }, metadata)).AString);
        Assert.Equal(before, Requests.Records(0).Count);
    }

    [Fact]
    public async Task Repetition_AtTheSameTime_IsProducedOnce_AndBothAreAnswered()
    {
        var mayGoOn = new TaskCompletionSource();
        _gateway.Cache.Many.BeforeRecord = _ => mayGoOn.Task;
        Replies.Append(0, "other", "for another call, so that each try has a history to look through");
        var metadata = new Metadata { { "idempotency-key", "twice" } };
        var tries = Enumerable.Range(0, 2).Select(_ => _gateway.Things.GetAsync(new Everything { AString = "x" }, metadata).ResponseAsync).ToArray();
        await Eventually.HoldsAsync(() => _gateway.Cache.Opened.Count(begin => begin.Kafka is { Topic: "replies", Fetch.Filters.Count: > 0 }) == 2);
        mayGoOn.SetResult();
        var answering = AnswerAsync(messages: 1, "zilla:status", "0");
        Assert.Equal(["x?", "x?"], (await Task.WhenAll(tries)).Select(reply => reply.AString));
        await answering;
        Assert.Equal(2, Requests.Records(0).Count);
    }

    [Fact]
    public async Task Repetition_OfACallThatBrokeOff_GoesOnWhereItsRecordsEnd()
    {
        var metadata = new Metadata { { "idempotency-key", "again" } };
        using (var first = _gateway.Things.Upload(metadata))
        {
            await first.RequestStream.WriteAsync(new Everything { AString = "one" });
            await first.RequestStream.WriteAsync(new Everything { AString = "two" });
            await Eventually.HoldsAsync(() => _gateway.Cache.Topic("oneway").End(0) == 2);

            // The cache does not have them yet when the next try looks for them.
            _gateway.Cache.Lag = 2;
        }

        using var second = _gateway.Things.Upload(metadata);
        foreach (var text in new[] { "one", "two", "three" })
        {
            await second.RequestStream.WriteAsync(new Everything { AString = text });
        }

        await second.RequestStream.CompleteAsync();
        await Eventually.HoldsAsync(() => _gateway.Cache.Opened.Any(begin => begin.Kafka is { Topic: "oneway", Fetch.After.IsEmpty: false }));
        _gateway.Cache.Lag = 0;
        _gateway.Cache.Topic("oneway").Pulse();
        await second.ResponseAsync;
        Assert.Equal(["one", "two", "three", null], _gateway.Cache.Topic("oneway").Records(0).Select(record => record.Value is null ? null : Everything.Parser.ParseFrom(record.Value).AString));
    }

    [Fact]
    public async Task Deadline_WithoutAnAnswer_IsOver()
    {
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await _gateway.Things.GetAsync(new Everything(), deadline: DateTime.UtcNow.AddMilliseconds(300)));
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        await Eventually.HoldsAsync(() => _gateway.Cache.OpenStreams <= 2);
    }

    [Fact]
    public async Task RecordRefused_EndsTheCallWithTheCause()
    {
        _gateway.Cache.Many.Fails = _ => new StreamBrokenException(Cause.InvalidRecord, "too large for the topic");
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await _gateway.Things.GetAsync(new Everything { AString = "x" }));
        Assert.Equal((StatusCode.InvalidArgument, "too large for the topic"), (failure.StatusCode, failure.Status.Detail));
    }

    [Fact]
    public async Task RecordRefused_EndsTheCall_ThoughTheClientSaysNothingMore()
    {
        _gateway.Cache.Many.Fails = _ => new StreamBrokenException(Cause.NotAuthorized, "not yours");
        using var call = _gateway.Things.Upload();
        await call.RequestStream.WriteAsync(new Everything { AString = "x" });
        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal((StatusCode.PermissionDenied, "not yours"), (failure.StatusCode, failure.Status.Detail));
    }

    /// <summary>The end alone would be a call without its message, for whoever reads the topic.</summary>
    [Theory]
    [InlineData("Upload", "oneway")]
    [InlineData("Talk", "requests")]
    public async Task LargeRecordRefused_LeavesNoEndInTheTopic(string method, string topic)
    {
        _gateway.Cache.Many.Fails = value => value.Length > 100_000 ? new StreamBrokenException(Cause.InvalidRecord, "too large for the topic") : null;
        using var body = new StringContent($$"""{"aString":"{{new string('x', 200_000)}}"}""", Encoding.UTF8, "application/json");
        using var answer = await _gateway.Http.PostAsync($"{_gateway.Address}/{Service}/{method}", body);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("too large for the topic", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(_gateway.Cache.Topic(topic).Records(0));
    }

    /// <summary>Clients of gRPC find that out by themselves.</summary>
    [Theory]
    [InlineData(0, "there is none")]
    [InlineData(2, "there are more")]
    public async Task Json_OtherThanOneMessage_WhereTheMethodAnswersWithOne_IsNoAnswer(int count, string words)
    {
        using var body = new StringContent("{}", Encoding.UTF8, "application/json");
        var asking = _gateway.Http.PostAsync($"{_gateway.Address}/{Service}/Get", body);
        await Eventually.HoldsAsync(() => Requests.End(0) == 2);
        var id = Requests.Records(0)[0].Headers.Single(header => header.Name.Span.SequenceEqual("zilla:correlation-id"u8));
        for (var number = 0; number < count; number++)
        {
            Replies.Append(0, null, new Everything { AString = "x" }.ToByteArray(), [id]);
        }

        Replies.Append(0, null, null, [id]);
        using var answer = await asking;
        Assert.Equal(System.Net.HttpStatusCode.NotImplemented, answer.StatusCode);
        Assert.Contains(words, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("gzip")]
    public async Task Messages_ThatWaitForRoom_ArriveAsTheyWereSent(string? encoding)
    {
        const int Count = 60, Length = 1500;
        var mayGoOn = new TaskCompletionSource();
        await using var gateway = await Gateway.StartAsync([("Cache:PipeBytes", "10000")], Gateway.Produce(Service + "/Upload", "oneway"));
        gateway.Cache.Topic("oneway");
        gateway.Cache.Many.BeforeRecord = _ => mayGoOn.Task;
        using var call = gateway.Things.Upload(encoding is null ? [] : new Metadata { { "grpc-internal-encoding-request", encoding } });
        for (var number = 0; number < Count; number++)
        {
            await call.RequestStream.WriteAsync(Numbered(number));
        }

        await call.RequestStream.CompleteAsync();
        mayGoOn.SetResult();
        await call.ResponseAsync;
        Assert.Equal(Enumerable.Range(0, Count).Select(number => (byte[]?)Numbered(number).ToByteArray()).Append(null), gateway.Cache.Topic("oneway").Records(0).Select(record => record.Value));

        static Everything Numbered(int number) => new() { AString = new string((char)('0' + number), Length) };
    }

    /// <summary>The service: answers each message with its text and a question mark, and ends when the requests do.</summary>
    private async Task AnswerAsync(int messages, params string[] ending)
    {
        await Eventually.HoldsAsync(() => Requests.Records(0).Count == messages + 1);
        var requests = Requests.Records(0);
        var id = requests[0].Headers.Single(header => header.Name.Span.SequenceEqual("zilla:correlation-id"u8));
        foreach (var request in requests.Where(request => request.Value is not null && ending[1] == "0"))
        {
            var reply = new Everything { AString = Everything.Parser.ParseFrom(request.Value).AString + "?" };
            Replies.Append(0, request.Key, reply.ToByteArray(), [id, new("meta:first"u8.ToArray(), "yes"u8.ToArray())]);
        }

        var end = ending.Chunk(2).Select(pair => new Streams.Kafka.RecordHeader(Encoding.UTF8.GetBytes(pair[0]), Encoding.UTF8.GetBytes(pair[1])));
        Replies.Append(0, requests[0].Key, null, [id, new("meta:last-bin"u8.ToArray(), new byte[] { 7 }), .. end]);
    }

    private static string Digest(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
}
