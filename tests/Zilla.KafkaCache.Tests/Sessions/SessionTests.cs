using System.Text;
using Zilla.KafkaCache.Sessions.Records;
using Zilla.Streams;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Sessions;

/// <summary>What happens to a session at its owner beside what wills, takeover and expiry have files of their own for: streams that are lost, records, memory.</summary>
public sealed class SessionTests : IDisposable
{
    private readonly OwnedSpace _space = new();

    public void Dispose() => _space.Dispose();

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

    /// <summary>What was to be written in one with a publish that is refused is written without it.</summary>
    [Fact]
    public async Task Report_WithAPublishThatKafkaRefuses_IsWrittenAllTheSame()
    {
        var client = await _space.ConnectAsync("c", expiry: 60);
        client.Report("messages", 5);
        _space.Partition.FailNext(new StreamBrokenException(Cause.InvalidRecord, "too large"));

        await Assert.ThrowsAsync<StreamBrokenException>(() => client.PublishAsync(1, "m"));
        Assert.DoesNotContain("c#progress", _space.Keys);
        await _space.AdvanceAsync(1);

        Assert.Contains("c#progress", _space.Keys);
        Assert.Empty(_space.Published);
        Assert.False(client.IsBroken);
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
