using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Tests.Sessions;

/// <summary>A client connects while it is connected (§3.1.4): the session is the new connection's.</summary>
public sealed class TakeoverTests : IDisposable
{
    private readonly OwnedSpace _space = new();

    public void Dispose() => _space.Dispose();

    [Theory]
    [InlineData(0u, false, 1)]
    [InlineData(30u, false, 0)]
    [InlineData(30u, true, 1)]
    public async Task Takeover_TheOldConnectionsWill(uint delay, bool clean, int published)
    {
        var old = await _space.ConnectAsync("c", expiry: 100, will: OwnedSpace.Will("old", delay));

        await _space.ConnectAsync("c", expiry: 100, clean: clean);

        Assert.Equal(Cause.TakenOver, (await old.BrokenAsync()).Cause);
        Assert.Equal(published, _space.Published.Count);
    }

    [Fact]
    public async Task Again_WhileAnotherConnectionHasTheSession_IsTakenOver()
    {
        var old = await _space.ConnectAsync("c", expiry: 60);
        var current = await _space.ConnectAsync("c", expiry: 60);

        var late = _space.Attach("c", old.Connection, again: true);

        Assert.Equal(Cause.TakenOver, (await late.BrokenAsync()).Cause);
        Assert.False(current.IsBroken);
    }

    [Fact]
    public async Task Again_AtTheNextOwner_WhileAnotherConnectionHadTheSession_IsTakenOver()
    {
        var old = await _space.ConnectAsync("c", expiry: 60);
        await _space.ConnectAsync("c", expiry: 60);
        _space.FailOver();

        Assert.Equal(Cause.TakenOver, (await _space.Attach("c", old.Connection, again: true).BrokenAsync()).Cause);
    }

    /// <summary>[MQTT-3.1.4-3], [MQTT-3.2.2-2], [MQTT-3.2.2-3].</summary>
    [Theory]
    [InlineData(60u, false, true)]
    [InlineData(60u, true, false)]
    [InlineData(0u, false, false)] // it ends with the connection that is taken over
    public async Task Takeover_SessionGoesOn_UnlessItEnds(uint expiry, bool clean, bool present)
    {
        var old = await _space.ConnectAsync("c", expiry);
        await old.SubscribeAsync("a");
        await old.PublishAsync(5, "once");

        var current = await _space.ConnectAsync("c", expiry: 60, clean);

        Assert.Equal(Cause.TakenOver, (await old.BrokenAsync()).Cause);
        Assert.Equal(present, current.Answer.SessionPresent);
        Assert.Equal(present ? ["a"] : [], current.Answer.Subscriptions.Select(s => s.Filter));
        Assert.Equal(present ? [5u] : [], current.Answer.Received);
    }

    /// <summary>What the connection that lost the session still says is not heard.</summary>
    [Fact]
    public async Task Takeover_EndOfTheOldConnection_IsNotTheSessionsEnd()
    {
        var old = await _space.ConnectAsync("c", expiry: 60);
        var current = await _space.ConnectAsync("c", expiry: 60, will: OwnedSpace.Will("bye"));
        await current.SubscribeAsync("a");

        old.End(How.Lost);
        old.Lose();
        await _space.AdvanceAsync(120);

        Assert.False(current.IsBroken);
        Assert.Empty(_space.Published);
        await current.EndAsync(How.Closed);
        Assert.True((await _space.ConnectAsync("c", expiry: 60)).Answer.SessionPresent);
    }
}
