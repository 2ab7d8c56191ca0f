using Grpc.Core;
using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeGrpc.Tests.Protos;
using Zilla.EdgeGrpc.Tests.Upstream;
using Zilla.Streams;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.EdgeGrpc.Tests.KafkaGrpc;

/// <summary>Calls that a replica gives, made of a service that knows of no topics: what is written of them, and what the replica is told.</summary>
public sealed class RemoteCallTests : IAsyncLifetime
{
    private const string Head = "key of 1 zilla:correlation-id=1";

    private readonly FakeCache _cache = new();
    private ThingsService _service = null!;
    private WorkSource _work = null!;
    private CallMaker _edge = null!;

    private FakeTopic Replies => _cache.Topic("replies");

    public async Task InitializeAsync()
    {
        _ = Replies;
        _service = await ThingsService.StartAsync();
        _work = new WorkSource(_cache);
        _edge = new CallMaker(_cache, _service.Port);
        await _work.OpenedAsync();
    }

    public async Task DisposeAsync()
    {
        await _edge.DisposeAsync();
        await _service.DisposeAsync();
        await _cache.DisposeAsync();
    }

    [Fact]
    public async Task Unary_IsAnsweredWithAMessageAndAnEnd()
    {
        await _work.GiveAsync(7, true, CallRecord.Of("1", "Get", new() { AString = "x" }, ("meta:tenant", "a"), ("meta:token-bin", "\u0001\u0000")), CallRecord.Of("1", "Get", null));
        Assert.Equal([(7, "")], await _work.DoneAsync());
        var message = Convert.ToHexString(Google.Protobuf.MessageExtensions.ToByteArray(new Everything { AString = "x" }));
        Assert.Equal(
            [$@"{Head} zilla:message-index=0 meta:greeting=hello meta:bytes-bin=\00\01\FF : {message}", $@"{Head} zilla:status=0 meta:goodbye=now meta:rest-bin=\09 : null"],
            Replies.Records(0).Select(CallRecord.Show));
        Assert.True(_service.Calls.TryDequeue(out var seen));
        Assert.Equal(("a", "1", "0100"), (seen.Metadata.GetValue("tenant"), seen.Metadata.GetValue("idempotency-key"), Convert.ToHexString(seen.Metadata.GetValueBytes("token-bin")!)));
    }

    [Fact]
    public async Task ServerStream_IsAnsweredInOrder_WithIndexes()
    {
        await _work.GiveAsync(1, true, CallRecord.Whole("1", "Watch", new Everything { AnInt64 = 300 }));
        Assert.Equal([(1, "")], await _work.DoneAsync());
        Assert.Equal(
            [.. Enumerable.Range(0, 300).Select(i => $"{Head} zilla:message-index={i}"), $"{Head} zilla:status=0"],
            Replies.Records(0).Select(record => CallRecord.Show(record).Split(" : ")[0]));
        Assert.Equal(Enumerable.Range(0, 300).Select(i => (long)i), Replies.Records(0).SkipLast(1).Select(record => Everything.Parser.ParseFrom(record.Value).AnInt64));
    }

    [Fact]
    public async Task ClientStream_IsAnsweredOnce()
    {
        await _work.GiveAsync(1, true, CallRecord.Whole("1", "Upload", new Everything(), new Everything(), new Everything()));
        await _work.DoneAsync();
        Assert.Equal([$"{Head} zilla:message-index=0", $"{Head} zilla:status=0"], Replies.Records(0).Select(record => CallRecord.Show(record).Split(" : ")[0]));
        Assert.Equal(3, Everything.Parser.ParseFrom(Replies.Records(0)[0].Value).AnInt32);
    }

    [Fact]
    public async Task BothStreams_EachMessageIsAnswered_BeforeTheNextIsThere()
    {
        for (var number = 0; number < 3; number++)
        {
            await _work.GiveAsync(1, number == 0, CallRecord.Of("1", "Talk", new() { AnInt32 = number + 1 }));
            await Eventually.HoldsAsync(() => Replies.End(0) == number + 1);
        }

        Assert.Empty(_work.Said);
        await _work.GiveAsync(1, false, CallRecord.Of("1", "Talk", null));
        await _work.DoneAsync();
        Assert.Equal(
            [$"{Head} zilla:message-index=0 meta:greeting=hello", $"{Head} zilla:message-index=1", $"{Head} zilla:message-index=2", $"{Head} zilla:status=0"],
            Replies.Records(0).Select(record => CallRecord.Show(record).Split(" : ")[0]));
    }

    [Fact]
    public async Task Error_IsTheEnd_WithItsWordsAndTrailers()
    {
        await _work.GiveAsync(1, true, CallRecord.Whole("1", "Watch", new Everything { AString = "fail" }));
        Assert.Equal([(1, "")], await _work.DoneAsync());
        Assert.Equal([$@"{Head} zilla:status=9 zilla:message=50 % f\C3\BCr meta:why=because meta:grpc-status-details-bin=\01\02\03 : null"], Replies.Records(0).Select(CallRecord.Show));
    }

    /// <summary>Readers pass over a message that comes behind one with a higher index: such an order loses it.</summary>
    [Fact]
    public async Task Answer_ThatWaitsForRoom_IsWrittenInItsOrder()
    {
        const int Count = 300, Length = 1000, Gathered = 40;
        var mayGoOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var cache = new FakeCache();
        var replies = cache.Topic("replies");
        cache.Many.BeforeRecord = _ => mayGoOn.Task;
        var work = new WorkSource(cache);
        await using var edge = new CallMaker(cache, _service.Port, options: new() { PipeBytes = 10_000 });
        await work.OpenedAsync();
        await work.GiveAsync(1, true, CallRecord.Whole("1", "Watch", new Everything { AnInt64 = Count, AnInt32 = Length }));
        await Eventually.HoldsAsync(() => _service.Sent >= Gathered, what: "the answer is larger than there is room for");
        mayGoOn.SetResult();
        Assert.Equal([(1, "")], await work.DoneAsync());
        Assert.Equal(Enumerable.Range(0, Count).Select(i => (long)i), replies.Records(0).SkipLast(1).Select(record => Everything.Parser.ParseFrom(record.Value).AnInt64));
    }

    [Fact]
    public async Task ServiceThatHasHeardEnough_IsTheAnswer()
    {
        await _work.GiveAsync(1, true, CallRecord.Of("1", "Upload", new() { AString = "enough" }));
        Assert.Equal([(1, "")], await _work.DoneAsync());
        Assert.Equal([$"{Head} zilla:message-index=0", $"{Head} zilla:status=0"], Replies.Records(0).Select(record => CallRecord.Show(record).Split(" : ")[0]));
    }

    /// <summary>Records that another gateway has written may have them.</summary>
    [Fact]
    public async Task HeadersOfHttpItself_AreNoMetadata_AndNoPoison()
    {
        await _work.GiveAsync(1, true, CallRecord.Of("1", "Get", new() { AString = "x" }, ("meta:user-agent", "a client"), ("meta:content-type", "application/grpc"), ("meta:host", "ü"), ("meta:tenant", "a")), CallRecord.Of("1", "Get", null));
        Assert.Equal([(1, "")], await _work.DoneAsync());
        Assert.True(_service.Calls.TryDequeue(out var seen));
        Assert.Equal(("a", "zilla-aspire"), (seen.Metadata.GetValue("tenant"), seen.Metadata.GetValue("user-agent")));
    }

    /// <summary>It must not be taken for a service that is away, and the call be made for ever.</summary>
    [Fact]
    public async Task AnswerOfManyWords_IsTheAnswer()
    {
        var words = new string('x', 100_000);
        _service.BeforeAnswer = (_, _) => throw new RpcException(new Status(StatusCode.FailedPrecondition, words));
        await _work.GiveAsync(1, true, CallRecord.Whole("1", "Watch", new Everything()));
        Assert.Equal([(1, "")], await _work.DoneAsync());
        Assert.Equal($"{Head} zilla:status=9 zilla:message={words} : null", Assert.Single(Replies.Records(0).Select(CallRecord.Show)));
        Assert.Single(_service.Calls);
    }

    /// <summary>It costs the connection, and with it other calls, which are made once more; itself it is not made for ever.</summary>
    [Fact]
    public async Task AnswerOfMoreWordsThanAConnectionTakes_IsTheEndOfItsCall_AndOfNoOther()
    {
        var tries = 0;
        _service.BeforeAnswer = (request, _) => request.AString == "much" ? throw new RpcException(new Status(StatusCode.Aborted, new string('x', (5 << 20) + Interlocked.Increment(ref tries)))) : Task.CompletedTask;
        await _work.GiveAsync(2, true, CallRecord.Of("2", "Talk", new() { AString = "one" }));
        await Eventually.HoldsAsync(() => Replies.End(0) == 1);
        await _work.GiveAsync(1, true, CallRecord.Whole("1", "Watch", new Everything { AString = "much" }));
        Assert.Equal([(1, "")], await _work.DoneAsync());
        Assert.Equal(2, tries);
        var end = Assert.Single(Replies.Records(0).Select(CallRecord.Show), record => record.StartsWith(Head, StringComparison.Ordinal));
        Assert.StartsWith($"{Head} zilla:status=8 zilla:message=The service answered with more headers or trailers than are taken: ", end, StringComparison.Ordinal);
        await _work.GiveAsync(2, false, CallRecord.Of("2", "Talk", null));
        Assert.Equal([(1, ""), (2, "")], await _work.DoneAsync(2));
        Assert.Contains("zilla:correlation-id=2 zilla:status=0", CallRecord.Show(Replies.Records(0)[^1]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get", "meta:tenant", "ä", "3", "The metadata tenant cannot be sent: it has to be printable ASCII")]
    [InlineData("Get", "meta:grpc-timeout", "soon", "3", "The metadata grpc-timeout is not a number and its unit")]
    [InlineData("Ge t", "x", "", "3", "'zilla.tests.Things/Ge t' is no method: package.Service/Method is")]
    [InlineData("a/b", "x", "", "3", "'zilla.tests.Things/a/b' is no method: package.Service/Method is")]
    [InlineData("Get", "zilla:service", "other.Service", "12", "No route of the grpc client takes other.Service/Get")]
    public async Task RecordThatIsNoCall_IsPoison_AndAnsweredWithTheReason(string method, string header, string value, string status, string reason)
    {
        var sound = CallRecord.Of("1", method, null, (header, value));

        // The first of a name counts.
        await _work.GiveAsync(5, true, header == "zilla:service" ? sound with { Headers = [sound.Headers[^1], .. sound.Headers[1..^1]] } : sound);
        Assert.Equal([(5, reason)], await _work.DoneAsync());
        Assert.Equal([$"{Head} zilla:status={status} zilla:message={reason} : null"], Replies.Records(0).Select(CallRecord.Show));
        Assert.Empty(_service.Calls);
    }

    /// <summary>The replica's configuration is newer, or older, for a moment.</summary>
    [Theory]
    [InlineData("zilla:reply-to", "elsewhere")]
    [InlineData("zilla:reply-to", "")]
    [InlineData("zilla:method", "")]
    public async Task RecordThatNoRouteTakes_IsRefused_AndOthersGoOn(string header, string value)
    {
        await _work.GiveAsync(1, true, CallRecord.Of("1", "Talk", new() { AString = "x" }));
        await Eventually.HoldsAsync(() => Replies.End(0) == 1);
        var unknown = Unknown("2", header, value);
        await _work.GiveAsync(2, true, unknown);
        await Eventually.HoldsAsync(() => _work.Said.Count == 1);
        Assert.True(_work.Said.TryDequeue(out var said));
        Assert.Equal((2ul, "No route of calls takes the call at requests/0@0"), (said.Call, said.Refused?.Reason));
        await _work.GiveAsync(1, false, CallRecord.Of("1", "Talk", null));
        Assert.Equal([(1, "")], await _work.DoneAsync());
        Assert.Equal([$"{Head} zilla:message-index=0", $"{Head} zilla:status=0"], Replies.Records(0).Select(record => CallRecord.Show(record).Split(" : ")[0].Replace(" meta:greeting=hello", "", StringComparison.Ordinal)));
        Assert.Single(_service.Calls);
    }

    [Theory]
    [InlineData("zilla:reply-to", "elsewhere", "elsewhere")]
    [InlineData("zilla:method", "", "replies")]
    [InlineData("zilla:reply-to", "", null)]
    public async Task GivenUp_BeforeItBegins_IsAnsweredWithoutARoute(string header, string value, string? answeredAt)
    {
        var unknown = Unknown("1", header, value);
        var answers = _cache.Topic(answeredAt ?? "elsewhere");
        await _work.GiveAsync(2, true, new WorkGivenUp { Status = 12, Reason = "no edge" }, unknown);
        await _work.GiveUpAsync(2, 12, "no edge");
        Assert.Equal([(2, "no edge")], await _work.DoneAsync());
        Assert.Equal(answeredAt is null ? [] : [$"{Head} zilla:status=12 zilla:message=no edge : null"], answers.Records(0).Select(CallRecord.Show));
        Assert.Empty(_service.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ReplyThatKafkaRefuses_IsPoison_AndNeverEndsWell(bool hasEnd)
    {
        _cache.Many.Fails = value => value.Length > 0 ? new StreamBrokenException(Cause.InvalidRecord, "too large") : null;
        await _work.GiveAsync(1, true, CallRecord.Of("1", "Talk", new() { AString = "x" }));
        if (hasEnd)
        {
            await _work.GiveAsync(1, false, CallRecord.Of("1", "Talk", null));
        }

        Assert.Equal([(1, "The service's answer cannot be written to replies: too large")], await _work.DoneAsync());
        Assert.Equal([$"{Head} zilla:status=13 zilla:message=The service's answer cannot be written to replies: too large : null"], Replies.Records(0).Select(CallRecord.Show));
    }

    [Fact]
    public async Task TopicOfRepliesIsRefused_IsPoison()
    {
        _cache.Many.Fails = _ => new StreamBrokenException(Cause.NotAuthorized, "not yours");
        await _work.GiveAsync(1, true, CallRecord.Whole("1", "Get", new Everything()));
        Assert.Equal([(1, "The service's answer cannot be written to replies: not yours")], await _work.DoneAsync());
        Assert.Empty(Replies.Records(0));
    }

    [Fact]
    public async Task GivenUp_WithAStatus_IsAnsweredWithIt()
    {
        await _work.GiveAsync(1, true, CallRecord.Of("1", "Talk", new() { AString = "wait" }));
        await Eventually.HoldsAsync(() => _service.Calls.Count == 1);
        await _work.GiveUpAsync(1, 4, "no end came");
        Assert.Equal([(1, "no end came")], await _work.DoneAsync());
        Assert.Equal([$"{Head} zilla:status=4 zilla:message=no end came : null"], Replies.Records(0).Select(CallRecord.Show));
    }

    [Fact]
    public async Task GivenUp_ForAnother_IsLetGoOf_AndOthersGoOn()
    {
        await _work.GiveAsync(1, true, CallRecord.Whole("1", "Watch", new Everything { AString = "wait" }));
        await Eventually.HoldsAsync(() => _service.Calls.Count == 1);
        await _work.GiveUpAsync(1, 0, "");
        await Eventually.CompletesAsync(_service.Cancelled.Task.ContinueWith(_ => true, TaskScheduler.Default));
        await _work.GiveAsync(2, true, CallRecord.Whole("2", "Upload", new Everything()));
        Assert.Equal([(2, "")], await _work.DoneAsync());
        Assert.All(Replies.Records(0), record => Assert.Equal("key of 2", record.KeyText));
    }

    [Fact]
    public async Task LinkIsLost_CallsAreLetGoOf_AndBegunAnewAsTheSame()
    {
        await _work.GiveAsync(1, true, CallRecord.Whole("1", "Watch", new Everything { AString = "wait" }));
        await Eventually.HoldsAsync(() => _service.Calls.Count == 1);
        _work.Lose();
        await Eventually.CompletesAsync(_service.Cancelled.Task.ContinueWith(_ => true, TaskScheduler.Default));
        await _work.OpenedAsync();
        await _work.GiveAsync(1, true, CallRecord.Whole("1", "Watch", new Everything { AnInt64 = 1 }));
        Assert.Equal([(1, "")], await _work.DoneAsync());
        Assert.Equal([$"{Head} zilla:message-index=0", $"{Head} zilla:status=0"], Replies.Records(0).Select(record => CallRecord.Show(record).Split(" : ")[0]));
        Assert.Equal(["1", "1"], _service.Calls.Select(call => call.Metadata.GetValue("idempotency-key")));
    }

    [Fact]
    public async Task Stop_LetsGoOfCalls_AndWritesNothing()
    {
        await _work.GiveAsync(1, true, CallRecord.Whole("1", "Watch", new Everything { AString = "wait" }));
        await Eventually.HoldsAsync(() => _service.Calls.Count == 1);
        await _edge.StopAsync();
        await Eventually.CompletesAsync(_service.Cancelled.Task.ContinueWith(_ => true, TaskScheduler.Default));
        Assert.Empty(Replies.Records(0));
        Assert.Empty(_work.Said);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(7, 7)]
    [InlineData(5000, 1024)]
    public async Task Calls_AreBounded_AsTheOptionsSay(int calls, uint asked)
    {
        await using var cache = new FakeCache();
        var work = new WorkSource(cache);
        await using var edge = new CallMaker(cache, _service.Port, calls: calls);
        Assert.Equal(new WorkBeginEx { Cluster = "cluster", Group = "zilla:tests-calls", Calls = asked }, await work.OpenedAsync());
    }

    [Fact]
    public async Task ServiceIsAway_CallIsRepeated_AfterPausesThatGrow()
    {
        var time = new ManualTime();
        var log = new CapturedLog();
        var tries = new List<DateTimeOffset>();
        _service.BeforeAnswer = (_, _) =>
        {
            tries.Add(time.GetUtcNow());
            return tries.Count < 5 ? throw new RpcException(new Status(StatusCode.Unavailable, "away")) : Task.CompletedTask;
        };
        await using var cache = new FakeCache();
        var replies = cache.Topic("replies");
        var work = new WorkSource(cache);
        await using var edge = new CallMaker(cache, _service.Port, time, log);
        await work.OpenedAsync();
        await work.GiveAsync(1, true, CallRecord.Whole("1", "Watch", new Everything { AnInt64 = 1 }));
        await Eventually.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            return work.Said.Count == 1;
        });

        // Up to half is taken off at random.
        Assert.All(tries.Zip(tries.Skip(1), (one, next) => next - one).Select((pause, i) => (pause, TimeSpan.FromMilliseconds(25 << i))), pause => Assert.True(pause.pause >= pause.Item2, $"{pause}"));
        Assert.Equal(4, log.Lines.Count(line => line.Contains("zilla.tests.Things/Watch, call 1, is begun anew after attempt", StringComparison.Ordinal) && line.Contains("away", StringComparison.Ordinal)));
        Assert.Single(log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal));
        Assert.Equal(2, replies.Records(0).Count);
    }

    [Fact]
    public async Task ServiceDiesWithinItsAnswer_CallIsBegunAnew_WithTheSameIndexes()
    {
        var broken = false;
        _service.BeforeAnswer = (request, _) => request.AString == "break" && !broken ? throw new RpcException(new Status(StatusCode.Unavailable, broken ? "" : $"{broken = true}")) : Task.CompletedTask;
        await _work.GiveAsync(1, true, CallRecord.Of("1", "Talk", new() { AString = "one" }));
        await Eventually.HoldsAsync(() => Replies.End(0) == 1);
        await _work.GiveAsync(1, false, CallRecord.Of("1", "Talk", new() { AString = "break" }), CallRecord.Of("1", "Talk", null));
        Assert.Equal([(1, "")], await _work.DoneAsync());
        Assert.Equal(
            [$"{Head} zilla:message-index=0 meta:greeting=hello", $"{Head} zilla:message-index=0 meta:greeting=hello", $"{Head} zilla:message-index=1", $"{Head} zilla:status=0"],
            Replies.Records(0).Select(record => CallRecord.Show(record).Split(" : ")[0]));
    }

    /// <summary>The end of a call, with another value of a header.</summary>
    private static FakeRecord Unknown(string id, string header, string value)
    {
        var record = CallRecord.Of(id, "Get", null, (header, value));
        return record with { Headers = [.. record.Headers.Where((other, i) => i == record.Headers.Length - 1 || !other.Name.Span.SequenceEqual(record.Headers[^1].Name.Span))] };
    }
}
