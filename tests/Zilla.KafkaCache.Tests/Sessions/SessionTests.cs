using System.Text;
using Zilla.KafkaCache.Sessions.Records;
using Zilla.Streams;
using Zilla.Streams.V1;
using Zilla.Testing;
using How = Zilla.Streams.V1.MqttEndEx.Types.How;

namespace Zilla.KafkaCache.Tests.Sessions;

/// <summary>What happens to a session and its will, by the rules of MQTT, as time goes by and owners die.</summary>
public sealed class SessionTests : IDisposable
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
    public async Task StreamLost_AttachedAgainWithinTheGrace_NothingHappens()
    {
        var client = await _space.ConnectAsync("c", will: OwnedSpace.Will("bye"));
        client.Lose();
        await _space.AdvanceAsync(9);

        var again = await _space.ConnectAsync("c", connection: client.Connection, again: true);
        await _space.AdvanceAsync(60);

        Assert.Empty(_space.Published);
        await again.EndAsync(How.Lost);
        Assert.Equal(["bye"], _space.Published);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task StreamLost_NotAttachedAgain_CountsAsGone(bool leaving)
    {
        var client = await _space.ConnectAsync("c", expiry: 60, will: OwnedSpace.Will("bye"));
        if (leaving)
        {
            client.End(How.Leaving);
        }
        else
        {
            client.Lose();
        }

        await _space.AdvanceAsync(9);
        Assert.Empty(_space.Published);
        await _space.AdvanceAsync(1);
        Assert.Equal(["bye"], _space.Published);
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

    [Fact]
    public async Task Expiry_NobodyComesBack_NothingIsLeft()
    {
        var client = await _space.ConnectAsync("c", expiry: 60);
        await client.SubscribeAsync("a");
        await client.EndAsync(How.Closed);

        await _space.AdvanceAsync(59);
        Assert.NotEmpty(_space.Keys);
        await _space.AdvanceAsync(1);

        await _space.IsEmptyAsync("c");
    }

    [Fact]
    public async Task Expiry_OfDisconnect_CountsInstead()
    {
        var client = await _space.ConnectAsync("c", expiry: 60);
        await client.SubscribeAsync("a");
        await client.EndAsync(How.Closed, expiry: 0);

        await _space.IsEmptyAsync("c");
    }

    [Fact]
    public async Task Expiry_Never_IsNeverLookedFor()
    {
        var client = await _space.ConnectAsync("c", expiry: uint.MaxValue);
        await client.SubscribeAsync("a");
        await client.EndAsync(How.Lost);
        _space.FailOver();

        await _space.AdvanceAsync(100 * 24 * 3600);

        Assert.Equal(["a"], (await _space.ConnectAsync("c", expiry: uint.MaxValue)).Answer.Subscriptions.Select(s => s.Filter));
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
    public async Task Expiry_BeyondWhatIsKeptInMind_IsFoundByLookingAgain()
    {
        var client = await _space.ConnectAsync("c", expiry: 24 * 3600);
        await client.SubscribeAsync("a");
        await client.EndAsync(How.Closed);
        var due = _space.Now + 24 * 3600 * 1000;

        await Eventually.HoldsAsync(async () =>
        {
            await _space.AdvanceAsync(900);
            return _space.Keys.Count == 0;
        });

        Assert.InRange(_space.Now, due, due + 3 * 3600 * 1000);
    }

    [Fact]
    public async Task Reference_SessionAndWill_AreTakenUp()
    {
        _space.Partition.Put("c", SubscriptionsRecord.Write([new() { Filter = "a", Qos = 1 }]));
        _space.Partition.Put("c#offsets", Convert.FromHexString("01260000000100000001007402000000640000000000000" + "02A00000000000000070003000000020A001400"));
        _space.Partition.Put("c#will", new WillSignalRecord("zilla", "c", 0, _space.Now + 5000, "1", "2").Write(), ("type", "will-signal"));
        _space.Partition.Put("c#will-1", new WillMessageRecord { Topic = "w/x", WillId = "2", LifetimeId = "1", QoS = 1, Payload = "bye"u8.ToArray() }.Write());
        _space.FailOver();

        await _space.AdvanceAsync(5);
        var client = await _space.ConnectAsync("c", expiry: 60);

        Assert.Equal(["bye"], _space.Published);
        Assert.Equal(["zilla:filter=w", "zilla:filter=x", "zilla:local=c", "zilla:qos=1"], _space.Partition.Commits.SelectMany(c => c).Single(r => r.Topic == "messages").Headers
            .Select(h => $"{h.Key}={Encoding.UTF8.GetString(h.Value!)}"));
        Assert.True(client.Answer.SessionPresent);
        Assert.Equal(["a"], client.Answer.Subscriptions.Select(s => s.Filter));
        Assert.Equal([10u, 20u], client.Answer.Received.Order());

        // From now on in our own.
        await client.ReleaseAsync(10);
        Assert.DoesNotContain("c#offsets", _space.Keys);
        Assert.Contains("c#received", _space.Keys);
    }

    [Fact]
    public async Task RecordUnreadable_CountsAsAbsent_AndIsLogged()
    {
        _space.Partition.Put("c", [9, 9, 9]);

        var client = await _space.ConnectAsync("c", expiry: 60);

        Assert.Empty(client.Answer.Subscriptions);
        Assert.Contains(_space.Log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("of c cannot be read", StringComparison.Ordinal));
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

    [Fact]
    public async Task Report_IsWrittenWithinASecond_OnceForAll()
    {
        var client = await _space.ConnectAsync("c", expiry: 60);
        var before = _space.Partition.Commits.Count;
        for (var offset = 1; offset <= 10; offset++)
        {
            client.Report("messages", offset);
        }

        Assert.Equal(before, _space.Partition.Commits.Count);
        await _space.AdvanceAsync(1);

        Assert.Equal(before + 1, _space.Partition.Commits.Count);
    }

    [Fact]
    public async Task Idle_IsNotInMemory()
    {
        var client = await _space.ConnectAsync("c", expiry: 3600);
        await client.SubscribeAsync("a");
        Assert.Equal(1, _space.Host.Active);

        await client.EndAsync(How.Closed);

        await Eventually.HoldsAsync(() => _space.Host.Active == 0);
    }

    [Fact]
    public async Task Released_ProgressIsWritten_AndClientsAreSentOn()
    {
        var client = await _space.ConnectAsync("c", expiry: 60);
        client.Report("messages", 5);

        await _space.Host.ReleaseAsync(CancellationToken.None);

        Assert.Equal(Cause.NotOwner, (await client.BrokenAsync()).Cause);
        Assert.Contains("c#progress", _space.Keys);
    }
}
