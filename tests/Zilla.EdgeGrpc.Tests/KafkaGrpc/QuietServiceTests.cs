using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeGrpc.Tests.Protos;
using Zilla.EdgeGrpc.Tests.Upstream;
using Zilla.Testing;

namespace Zilla.EdgeGrpc.Tests.KafkaGrpc;

/// <summary>Services that take calls from topics and do not answer them: their end, and what goes on beside them.</summary>
public sealed class QuietServiceTests : IAsyncLifetime
{
    private const string Head = "key of 1 zilla:correlation-id=1", Silent = "The service has done nothing about the call for 00:10:00 (Zilla:Edge:Grpc:Work:IdleTimeout).";

    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(10);

    private readonly ManualTime _time = new();
    private readonly FakeCache _cache = new();
    private ThingsService _service = null!;
    private WorkSource _work = null!;
    private CallMaker? _edge;

    private FakeTopic Replies => _cache.Topic("replies");

    public async Task InitializeAsync()
    {
        _ = Replies;
        _service = await ThingsService.StartAsync();
        _work = new WorkSource(_cache);
    }

    public async Task DisposeAsync()
    {
        await (_edge?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _service.DisposeAsync();
        await _cache.DisposeAsync();
    }

    [Fact]
    public async Task ServiceNeverAnswers_CallIsADeadLetter_AndOthersGoOn()
    {
        await StartAsync(Idle);
        await _work.GiveAsync(2, true, CallRecord.Of("2", "Talk", new() { AString = "one" }));
        await Eventually.HoldsAsync(() => Replies.End(0) == 1, what: "the caller of 2 is answered, and thinks");
        var begun = _time.GetUtcNow();
        await _work.GiveAsync(1, true, CallRecord.Whole("1", "Watch", new Everything { AString = "wait" }));
        await Eventually.HoldsAsync(() => _service.Calls.Count == 2, what: "the service has both");
        await LetPassUntilAsync(() => _work.Said.Count == 1);
        Assert.Equal([(1, Silent)], await _work.DoneAsync());
        Assert.True(_time.GetUtcNow() - begun >= Idle);
        Assert.Equal($"{Head} zilla:status=4 zilla:message={Silent} : null", CallRecord.Show(Replies.Records(0)[^1]));
        await Eventually.CompletesAsync(_service.Cancelled.Task.ContinueWith(_ => true, TaskScheduler.Default));

        _time.Advance(Idle * 3);
        await _work.GiveAsync(2, false, CallRecord.Whole("2", "Talk", new Everything { AString = "two" }));
        Assert.Equal([(1, Silent), (2, "")], await _work.DoneAsync(2));
        Assert.Equal(
            ["zilla:message-index=0 meta:greeting=hello", "zilla:message-index=1", "zilla:status=0"],
            Replies.Records(0).Where(record => record.KeyText == "key of 2").Select(record => CallRecord.Show(record).Split(" zilla:correlation-id=2 ")[1].Split(" : ")[0]));
        Assert.Equal(2, _service.Calls.Count);
    }

    [Fact]
    public async Task ServiceFallsSilentWithinItsAnswer_TheRestIsItsEnd()
    {
        await StartAsync(Idle);
        await _work.GiveAsync(1, true, CallRecord.Whole("1", "Talk", new Everything { AString = "one" }, new Everything { AString = "wait" }));
        await Eventually.HoldsAsync(() => Replies.End(0) == 1, what: "the first is answered");
        await LetPassUntilAsync(() => _work.Said.Count == 1);
        Assert.Equal([(1, Silent)], await _work.DoneAsync());
        Assert.Equal([$"{Head} zilla:message-index=0 meta:greeting=hello", $"{Head} zilla:status=4 zilla:message={Silent}"], Replies.Records(0).Select(record => CallRecord.Show(record).Split(" : ")[0]));
    }

    /// <summary>Its end does not come, which would be the cache's to bound: here the service does not let it.</summary>
    [Fact]
    public async Task ServiceDoesNotTakeWhatThereIs_IsSilence()
    {
        await StartAsync(Idle);
        var large = CallRecord.Of("1", "Talk", new() { SomeBytes = ByteString.CopyFrom(new byte[1 << 20]) });
        await _work.GiveAsync(1, true, CallRecord.Of("1", "Talk", new() { AString = "wait" }), large, large, large);
        await Eventually.HoldsAsync(() => _service.Calls.Count == 1, what: "the service has the first");
        await LetPassUntilAsync(() => _work.Said.Count == 1);
        Assert.Equal([(1, Silent)], await _work.DoneAsync());
        Assert.Equal([$"{Head} zilla:status=4 zilla:message={Silent} meta:greeting=hello : null"], Replies.Records(0).Select(CallRecord.Show));
    }

    [Theory]
    [InlineData(10, 0.6)]
    [InlineData(0, 1000)]
    [InlineData(null, 143)]
    public async Task ServiceTakesItsTime_IsTheAnswer(int? minutes, double ofTenMinutes)
    {
        var mayAnswer = new BlockingCollection<TaskCompletionSource>();
        _service.BeforeAnswer = (_, _) =>
        {
            var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            mayAnswer.Add(answer);
            return answer.Task;
        };
        await StartAsync(minutes is { } given ? TimeSpan.FromMinutes(given) : null);
        await _work.GiveAsync(1, true, CallRecord.Whole("1", "Talk", new Everything(), new Everything(), new Everything()));
        for (var i = 1; i <= 3; i++)
        {
            await Eventually.HoldsAsync(() => mayAnswer.Count == 1, what: $"message {i} is with the service");
            _time.Advance(Idle * ofTenMinutes);
            mayAnswer.Take().SetResult();
            await Eventually.HoldsAsync(() => Replies.End(0) >= i, what: $"message {i} is answered");
        }

        Assert.Equal([(1, "")], await _work.DoneAsync());
        Assert.Equal(
            [$"{Head} zilla:message-index=0 meta:greeting=hello", $"{Head} zilla:message-index=1", $"{Head} zilla:message-index=2", $"{Head} zilla:status=0"],
            Replies.Records(0).Select(record => CallRecord.Show(record).Split(" : ")[0]));
    }

    /// <summary>As the service would have said it, had it looked at its clock.</summary>
    [Fact]
    public async Task CallersDeadline_IsTheServicesToo_AndItsEndIsTheAnswer()
    {
        await StartAsync(Idle * 100);
        await _work.GiveAsync(1, true, CallRecord.Of("1", "Watch", new() { AString = "wait" }, ("meta:grpc-timeout", "1H")), CallRecord.Of("1", "Watch", null));
        await Eventually.HoldsAsync(() => _service.Calls.Count == 1, what: "the service has it");
        await LetPassUntilAsync(() => _work.Said.Count == 1);
        Assert.Equal([(1, "")], await _work.DoneAsync());
        Assert.Equal([$"{Head} zilla:status=4 zilla:message=The service has not answered within the 01:00:00 that the call has (grpc-timeout). : null"], Replies.Records(0).Select(CallRecord.Show));
        Assert.InRange(Assert.Single(_service.Calls).Deadline, DateTime.UtcNow.AddMinutes(10), DateTime.UtcNow.AddMinutes(61));
    }

    /// <summary>A service that is away for longer than the deadline costs no call.</summary>
    [Fact]
    public async Task CallersDeadline_BeginsAnewWithEachAttempt()
    {
        var tries = 0;
        _service.BeforeAnswer = (_, _) =>
        {
            _time.Advance(TimeSpan.FromMinutes(40));
            return Interlocked.Increment(ref tries) == 1 ? throw new RpcException(new Status(StatusCode.Unavailable, "away")) : Task.CompletedTask;
        };
        await StartAsync(Idle * 100);
        await _work.GiveAsync(1, true, CallRecord.Of("1", "Watch", new() { AnInt64 = 1 }, ("meta:grpc-timeout", "1H")), CallRecord.Of("1", "Watch", null));
        Assert.Equal([(1, "")], await _work.DoneAsync());
        Assert.Equal([$"{Head} zilla:message-index=0", $"{Head} zilla:status=0"], Replies.Records(0).Select(record => CallRecord.Show(record).Split(" : ")[0]));
        Assert.All(_service.Calls, call => Assert.InRange(call.Deadline, DateTime.UtcNow.AddMinutes(10), DateTime.UtcNow.AddMinutes(61)));
        Assert.Equal(2, _service.Calls.Count);
    }

    private async Task StartAsync(TimeSpan? idle)
    {
        _edge = new CallMaker(_cache, _service.Port, idle: idle, ofService: _time);
        await _work.OpenedAsync();
    }

    /// <summary>In small steps: what the edge does of itself may take its time meanwhile.</summary>
    private Task LetPassUntilAsync(Func<bool> holds) => Eventually.HoldsAsync(() =>
    {
        _time.Advance(TimeSpan.FromSeconds(10));
        return holds();
    });
}
