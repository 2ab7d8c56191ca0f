using Zilla.Edge.Cache;
using Zilla.Streams.Kafka;
using Zilla.Testing;

namespace Zilla.Edge.Tests.Cache;

public sealed class RequestsUnderWayTests
{
    private static readonly TopicName Topic = new("cluster", "topic");

    private readonly ManualTime _time = new();
    private readonly RequestsUnderWay _requests;

    public RequestsUnderWayTests() => _requests = new(_time);

    [Fact]
    public async Task Enter_WhileAnotherTryIsUnderWay_WaitsForIt()
    {
        var first = await _requests.EnterAsync(Topic, "id", CancellationToken.None);
        var second = _requests.EnterAsync(Topic, "id", CancellationToken.None).AsTask();
        Assert.NotNull(await _requests.EnterAsync(Topic, "another", CancellationToken.None));
        Assert.False(second.IsCompleted);
        first!.Succeed();
        Assert.Null(await second);
    }

    [Fact]
    public async Task Enter_AfterATryThatFailed_GoesOnBehindWhatAllHaveWritten()
    {
        var first = await _requests.EnterAsync(Topic, "id", CancellationToken.None);
        var waiting = new[] { _requests.EnterAsync(Topic, "id", CancellationToken.None).AsTask(), _requests.EnterAsync(Topic, "id", CancellationToken.None).AsTask() };
        first!.Fail(KafkaProgress.Of(0, 7), new IOException());
        var next = await Task.WhenAny(waiting);
        Assert.Equal(7, (await next)!.After[0]);
        Assert.False(waiting.Single(other => other != next).IsCompleted);
        (await next)!.Fail(KafkaProgress.Empty, new IOException());
        Assert.Equal(7, (await waiting.Single(other => other != next))!.After[0]);
    }

    [Fact]
    public async Task Enter_ByOneThatGivesUp_LeavesTheOthers()
    {
        var first = await _requests.EnterAsync(Topic, "id", CancellationToken.None);
        using var impatient = new CancellationTokenSource();
        var second = _requests.EnterAsync(Topic, "id", impatient.Token).AsTask();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        first!.Succeed();
        Assert.Null(await _requests.EnterAsync(Topic, "id", CancellationToken.None));
    }

    [Fact]
    public async Task Once_AtTheSameTime_RunsOnce_AndAFailureIsEverybodys()
    {
        var (runs, end) = (0, new TaskCompletionSource());
        var both = Enumerable.Range(0, 2).Select(_ => _requests.OnceAsync(Topic, "id", () => { runs++; return end.Task; })).ToArray();
        end.SetException(new IOException());
        await Assert.ThrowsAsync<IOException>(() => both[0]);
        await Assert.ThrowsAsync<IOException>(() => both[1]);
        Assert.Equal(1, runs);
        await _requests.OnceAsync(Topic, "id", () => Task.CompletedTask);
    }

    [Fact]
    public async Task WhatIsOver_IsForgottenAfterAWhile()
    {
        await _requests.OnceAsync(Topic, "id", () => Task.CompletedTask);
        await _requests.OnceAsync(Topic, "id", () => throw new InvalidOperationException("it is remembered"));
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.NotNull(await _requests.EnterAsync(Topic, "another", CancellationToken.None));
        Assert.Equal(1, _requests.Count);
    }
}
