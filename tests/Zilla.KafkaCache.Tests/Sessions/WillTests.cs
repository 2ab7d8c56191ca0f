using System.Text;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Tests.Sessions;

/// <summary>Wills (§3.1.2.5) and their delay (§3.1.3.2.2): when they are published, and that they are so once.</summary>
public sealed class WillTests : IDisposable
{
    private readonly OwnedSpace _space = new();

    public void Dispose() => _space.Dispose();

    [Fact]
    public async Task Will_ConnectionLost_IsPublishedInOneTransactionWithItsTombstones()
    {
        var client = await _space.ConnectAsync("c", will: OwnedSpace.Will("bye"));

        await client.EndAsync(How.Lost);

        var commit = _space.Partition.Commits[^1];
        Assert.Equal(["c#will", $"c#will-{client.Connection}"], commit.Where(r => r is { Topic: "mqtt-sessions", Value: null }).Select(r => Encoding.UTF8.GetString(r.Key!)).Order());
        Assert.Equal(["bye"], _space.Published);
    }

    [Theory]
    [InlineData(How.Closed, 0)]
    [InlineData(How.WithWill, 1)]
    [InlineData(How.Lost, 1)]
    public async Task Will_HowItEnds_Decides(How how, int published)
    {
        var client = await _space.ConnectAsync("c", will: OwnedSpace.Will("bye"));

        await client.EndAsync(how);

        Assert.Equal(published, _space.Published.Count);
        await _space.IsEmptyAsync("c");
    }

    [Fact]
    public async Task Will_Retained_IsInBothTopics_WithoutPayloadATombstone()
    {
        var will = OwnedSpace.Will("");
        will.Record.RetainedTopic = "retained";
        var client = await _space.ConnectAsync("c", will: will);

        await client.EndAsync(How.Lost);

        var commit = _space.Partition.Commits[^1];
        Assert.Equal([], commit.Single(r => r.Topic == "messages").Value!);
        Assert.Null(commit.Single(r => r.Topic == "retained").Value);
    }

    [Fact]
    public async Task WillDelay_WaitsForIt_AndNoLongerThanTheSession()
    {
        var patient = await _space.ConnectAsync("patient", expiry: 100, will: OwnedSpace.Will("late", delay: 30));
        var brief = await _space.ConnectAsync("brief", expiry: 10, will: OwnedSpace.Will("soon", delay: 30));
        await patient.EndAsync(How.Lost);
        await brief.EndAsync(How.Lost);

        await _space.AdvanceAsync(10);
        Assert.Equal(["soon"], _space.Published);

        await _space.AdvanceAsync(19);
        Assert.Equal(["soon"], _space.Published);

        await _space.AdvanceAsync(1);
        Assert.Equal(["soon", "late"], _space.Published);
    }

    [Fact]
    public async Task WillDelay_ClientComesBack_NothingIsPublished()
    {
        var client = await _space.ConnectAsync("c", expiry: 100, will: OwnedSpace.Will("bye", delay: 30));
        await client.EndAsync(How.Lost);
        await _space.AdvanceAsync(20);

        var again = await _space.ConnectAsync("c", expiry: 100);
        await _space.AdvanceAsync(60);

        Assert.True(again.Answer.SessionPresent);
        Assert.Empty(_space.Published);
    }

    [Fact]
    public async Task WillDelay_CleanStart_EndsTheSessionAndPublishes()
    {
        var client = await _space.ConnectAsync("c", expiry: 100, will: OwnedSpace.Will("bye", delay: 30));
        await client.EndAsync(How.Lost);

        await _space.ConnectAsync("c", clean: true);

        Assert.Equal(["bye"], _space.Published);
    }

    [Fact]
    public async Task Restart_WillsAndExpiriesStillHappen_Once()
    {
        var waiting = await _space.ConnectAsync("waiting", expiry: 100, will: OwnedSpace.Will("waited", delay: 40));
        await waiting.EndAsync(How.Lost);
        var connected = await _space.ConnectAsync("connected", expiry: 0, will: OwnedSpace.Will("died"));
        await connected.SubscribeAsync("a");

        // All is gone for a while, client and edge of one of them too.
        _space.FailOver();
        await _space.AdvanceAsync(10);
        Assert.Equal(["died"], _space.Published);
        await _space.IsEmptyAsync("connected");

        _space.FailOver();
        await _space.AdvanceAsync(30);
        Assert.Equal(["waited"], _space.Published);

        _space.FailOver();
        await _space.AdvanceAsync(60);
        Assert.Empty(_space.Published);
        await _space.IsEmptyAsync("waiting");
    }

    [Fact]
    public async Task Will_KafkaRefusesIt_IsDroppedAndTheSessionEndsAllTheSame()
    {
        var client = await _space.ConnectAsync("c", will: OwnedSpace.Will("bye"));
        _space.Partition.FailNext(new StreamBrokenException(Cause.UnknownTopic, "no such topic"));

        await client.EndAsync(How.Lost);

        Assert.Empty(_space.Published);
        await _space.IsEmptyAsync("c");
    }

    /// <summary>What ended in good order must not look as if it had been lost.</summary>
    [Fact]
    public async Task Closed_KafkaFails_IsNotTakenForSaid_AndSaidAgainDropsIt()
    {
        var client = await _space.ConnectAsync("c", will: OwnedSpace.Will("bye"));
        _space.Partition.FailNext(new StreamBrokenException(Cause.Unavailable, "away"));
        client.End(How.Closed);
        Assert.Equal(Cause.Unavailable, (await client.BrokenAsync()).Cause);

        client = await _space.ConnectAsync("c", connection: client.Connection, again: true);
        await client.EndAsync(How.Closed);

        await _space.AdvanceAsync(60);
        Assert.Empty(_space.Published);
        await _space.IsEmptyAsync("c");
    }

    /// <summary>The right to publish it was withdrawn: nothing of it is left, whatever happens to the connection or to the owner.</summary>
    [Theory]
    [InlineData(How.Lost, false)]
    [InlineData(How.WithWill, false)]
    [InlineData(How.Lost, true)]
    public async Task Will_IsForgotten_IsNotPublished(How how, bool ownerDies)
    {
        var client = await _space.ConnectAsync("c", expiry: 60, will: OwnedSpace.Will("bye"));
        await client.SubscribeAsync("a");

        await client.ForgetWillAsync();
        Assert.DoesNotContain(_space.Keys, key => key.StartsWith("c#will", StringComparison.Ordinal));
        if (ownerDies)
        {
            _space.FailOver();
        }
        else
        {
            await client.EndAsync(how);
        }

        await _space.AdvanceAsync(30);
        Assert.Empty(_space.Published);
        Assert.True((await _space.ConnectAsync("c", expiry: 60)).Answer.SessionPresent);
    }

    /// <summary>[MQTT-3.1.3-9]: another connection of the client in time, and the will is that one's.</summary>
    [Fact]
    public async Task WillDelay_ClientComesBackWithAnotherWill_ThatOneCounts()
    {
        var client = await _space.ConnectAsync("c", expiry: 100, will: OwnedSpace.Will("first", delay: 30));
        await client.EndAsync(How.Lost);

        var again = await _space.ConnectAsync("c", expiry: 100, will: OwnedSpace.Will("second", delay: 20));
        await _space.AdvanceAsync(60);
        Assert.Empty(_space.Published);
        await again.EndAsync(How.Lost);
        await _space.AdvanceAsync(20);

        Assert.Equal(["second"], _space.Published);
    }

    /// <summary>§3.1.3.2.2: the will is published when its session ends, if that is before its delay is over; DISCONNECT may say when that is.</summary>
    [Fact]
    public async Task WillDelay_DisconnectEndsTheSession_IsNotWaitedFor()
    {
        var client = await _space.ConnectAsync("c", expiry: 100, will: OwnedSpace.Will("bye", delay: 30));

        await client.EndAsync(How.WithWill, expiry: 0);

        Assert.Equal(["bye"], _space.Published);
        await _space.IsEmptyAsync("c");
    }
}
