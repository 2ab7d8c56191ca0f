using Zilla.Edge.Calls;
using Zilla.EdgeGrpc.Upstream;
using Zilla.Testing;

namespace Zilla.EdgeGrpc.Tests.Upstream;

/// <summary>What counts as silence of a service, to the tick.</summary>
public sealed class CallClockTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(10), Tick = TimeSpan.FromTicks(1);

    private readonly ManualTime _time = new();

    [Fact]
    public void AllIsSaid_SilenceEndsTheCall()
    {
        using var clock = New();
        clock.Await();
        clock.SaidAll();
        AssertEndsAfter(Idle, clock);
        Assert.Equal(new Status(StatusCode.DeadlineExceeded, "The service has done nothing about the call for 00:10:00 (Zilla:Edge:Grpc:Work:IdleTimeout)."), clock.Status);
        Assert.True(clock.IsIdle);
    }

    [Fact]
    public void MessageIsNotTaken_IsSilence()
    {
        using var clock = New();
        clock.Await();
        clock.Say();
        _time.Advance(Idle - Tick);
        clock.Said();
        clock.Say();
        AssertEndsAfter(Idle, clock);
    }

    [Fact]
    public void NothingIsSaidYet_IsNoSilence()
    {
        using var clock = New();
        clock.Await();
        _time.Advance(Idle * 10.5);
        clock.Say();
        clock.Said();
        _time.Advance(Idle * 10.5);
        clock.SaidAll();
        AssertEndsAfter(Idle, clock);
    }

    [Fact]
    public void AnswerWaitsToBeWritten_IsNoSilence()
    {
        using var clock = New();
        clock.SaidAll();
        clock.Await();
        _time.Advance(Idle - Tick);
        clock.Come();
        _time.Advance(Idle * 10.5);
        clock.Await();
        AssertEndsAfter(Idle, clock);
    }

    [Fact]
    public void MessagesThatCome_BeginItAnew()
    {
        using var clock = New();
        clock.SaidAll();
        for (var i = 0; i < 5; i++)
        {
            clock.Await();
            _time.Advance(Idle * 0.7);
            clock.Come();
        }

        clock.Await();
        AssertEndsAfter(Idle, clock);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0.0)]
    [InlineData(-1.0)]
    [InlineData(100.0 * 366)]
    public void NoLimit_AnyTime(double? days)
    {
        using var clock = new CallClock(null, days is { } given ? TimeSpan.FromDays(given) : null, _time);
        clock.Await();
        clock.SaidAll();
        _time.Advance(TimeSpan.FromDays(1000));
        Assert.Null(clock.Status);
        Assert.False(clock.Ended.IsCancellationRequested);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(15)]
    public void Deadline_CountsFromTheBeginning_WhateverCame(int minutes)
    {
        using var clock = new CallClock(TimeSpan.FromMinutes(minutes), Idle, _time);
        clock.SaidAll();
        clock.Await();
        _time.Advance(TimeSpan.FromMinutes(4));
        clock.Come();
        _time.Advance(TimeSpan.FromMinutes(0.5));
        clock.Await();
        AssertEndsAfter(TimeSpan.FromMinutes(Math.Min(minutes - 4.5, 10)), clock);
        Assert.Equal(minutes > 14.5, clock.IsIdle);
        Assert.Equal(StatusCode.DeadlineExceeded, clock.Status!.Value.Code);
    }

    [Fact]
    public void Deadline_OfNoTime_IsOverAtOnce()
    {
        using var clock = new CallClock(TimeSpan.Zero, Idle, _time);
        _time.Advance(TimeSpan.Zero);
        Assert.Equal(new Status(StatusCode.DeadlineExceeded, "The service has not answered within the 00:00:00 that the call has (grpc-timeout)."), clock.Status);
    }

    [Fact]
    public void CallIsOver_NothingEndsIt()
    {
        var clock = New();
        clock.SaidAll();
        clock.Await();
        clock.Dispose();
        Assert.Null(_time.NextDue);
        _time.Advance(Idle);
        Assert.Null(clock.Status);
    }

    private CallClock New() => new(null, Idle, _time);

    private void AssertEndsAfter(TimeSpan after, CallClock clock)
    {
        _time.Advance(after - Tick);
        Assert.Null(clock.Status);
        Assert.False(clock.Ended.IsCancellationRequested);
        _time.Advance(Tick);
        Assert.NotNull(clock.Status);
        Assert.True(clock.Ended.IsCancellationRequested);
    }
}
