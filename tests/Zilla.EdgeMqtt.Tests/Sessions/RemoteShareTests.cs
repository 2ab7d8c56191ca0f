using System.Text;
using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeMqtt.Sessions;
using Zilla.KafkaCache.Sessions.Shares;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Sessions;

/// <summary>Shared subscriptions: clients at edges of their own, one owner of the group, and another after it.</summary>
public sealed class RemoteShareTests : IAsyncLifetime
{
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(50);

    private readonly SessionCluster _cluster = new();
    private readonly FakeTopic _topic;
    private readonly List<IAsyncDisposable> _open = [];
    private int _clients;

    public RemoteShareTests() => _topic = _cluster.Topics.Topic("messages", partitions: 2);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var open in Enumerable.Reverse(_open))
        {
            await open.DisposeAsync();
        }

        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task TwoEdges_EachRecordGoesToOneClient()
    {
        var (one, other) = (await JoinAsync(inFlight: 20), await JoinAsync(inFlight: 20));

        Publish(0, 20);
        Publish(1, 20);

        var (first, second) = (await ReadAsync(one, 20), await ReadAsync(other, 20));
        Assert.Equal(40, first.Concat(second).Distinct().Count());
        first.Concat(second).Select(record => record.Split('/')).ToList().ForEach(at => one.Settle(int.Parse(at[0]), long.Parse(at[1])));
        Assert.False(await HasMoreAsync(other));
    }

    [Fact]
    public async Task ClientLeaves_WhatItHadNotSettledGoesToTheOtherOnce()
    {
        var one = await JoinAsync();
        Publish(0, 3);
        await ReadAsync(one, 3);
        one.Settle(0, 1);
        var other = await JoinAsync();

        await one.DisposeAsync();

        Assert.Equal(["0/0", "0/2"], await ReadAsync(other, 2, settle: true));
        Assert.False(await HasMoreAsync(other));
    }

    [Fact]
    public async Task InFlight_NoMoreThanAsked()
    {
        var share = await JoinAsync(inFlight: 2);
        Publish(0, 5);

        await ReadAsync(share, 2);
        Assert.False(await HasMoreAsync(share));
        share.Settle(0, 0);

        Assert.Equal(["0/2"], await ReadAsync(share, 1));
    }

    [Fact]
    public async Task NewGroup_BeginsAtTheEndOfTheTopic()
    {
        Publish(0, 3);

        var share = await JoinAsync();
        Publish(0, 1);

        Assert.Equal(["0/3"], await ReadAsync(share, 1));
    }

    [Fact]
    public async Task OwnerDies_SettledIsOver_UnsettledComesAgain_NothingIsMissed()
    {
        var share = await JoinAsync();
        Publish(0, 4);
        await ReadAsync(share, 4);
        share.Settle(0, 0);
        share.Settle(0, 1);
        await ProgressAsync(2);

        _cluster.FailOver();
        Publish(0, 1);

        Assert.Equal(["0/2", "0/3", "0/4"], await ReadAsync(share, 3, settle: true));
        Assert.False(await HasMoreAsync(share));
    }

    [Fact]
    public async Task AllHaveLeft_WhatIsPublishedMeanwhileIsThereForWhoComes()
    {
        var share = await JoinAsync();
        Publish(0, 2);
        await ReadAsync(share, 2, settle: true);
        await LeaveAsync(share);
        Publish(0, 2);

        _cluster.Time.Advance(TimeSpan.FromHours(20));
        var later = await JoinAsync();

        Assert.Equal(["0/2", "0/3"], await ReadAsync(later, 2, settle: true));
    }

    [Fact]
    public async Task Settled_RightBeforeLeaving_Counts_EveryTime()
    {
        var share = await JoinAsync();
        for (var round = 0; round < 100; round++)
        {
            Publish(0, 2);
            Assert.Equal([$"0/{2 * round}", $"0/{(2 * round) + 1}"], await ReadAsync(share, 2, settle: true));
            await LeaveAsync(share);
            share = await JoinAsync();
        }

        await LeaveAsync(share);
    }

    [Fact]
    public async Task AllHaveLeftForLong_TheGroupBeginsAnew()
    {
        var share = await JoinAsync();
        await LeaveAsync(share);
        Publish(0, 2);

        _cluster.Time.Advance(TimeSpan.FromDays(1) + TimeSpan.FromMinutes(1));
        var later = await JoinAsync();
        Publish(0, 1);

        Assert.Equal(["0/2"], await ReadAsync(later, 1));
    }

    [Fact]
    public async Task AllHaveLeftForLong_WhatIsLeftOfTheGroupGoes()
    {
        var share = await JoinAsync();
        await LeaveAsync(share);
        Assert.NotNull(await StoredAsync());

        var left = _cluster.Time.GetUtcNow();
        await Eventually.HoldsAsync(async () =>
        {
            // Again: what looks for it may be looking just now, and look again later.
            _cluster.Time.Advance(_cluster.Options.SweepInterval);
            return await StoredAsync() is null;
        });
        Assert.True(_cluster.Time.GetUtcNow() - left >= _cluster.Options.ShareRetention);
    }

    private async Task<IShare> JoinAsync(uint inFlight = 100)
    {
        var session = await _cluster.ConnectAsync($"client-{++_clients}");
        var share = await Eventually.CompletesAsync(session.ShareAsync(new() { Name = "readers", Filter = "#", Topic = "messages", InFlight = inFlight }, CancellationToken.None));
        _open.AddRange([session, share]);
        return share;
    }

    private async Task LeaveAsync(IShare last)
    {
        await last.DisposeAsync();
        await Eventually.HoldsAsync(() => _cluster.Host.Shares == 0);
    }

    private void Publish(int partition, int count)
    {
        for (var i = 0; i < count; i++)
        {
            _topic.Append(partition, "a", "x", ("zilla:filter", "a"));
        }
    }

    private static async Task<List<string>> ReadAsync(IShare share, int count, bool settle = false)
    {
        List<string> read = [];
        while (read.Count < count)
        {
            var record = await Eventually.CompletesAsync(share.ReadAsync(CancellationToken.None).AsTask());
            read.Add($"{record.Partition}/{record.Offset}");
            if (settle)
            {
                share.Settle(record.Partition, record.Offset);
            }
        }

        return read;
    }

    /// <summary>What is not there cannot be waited for: a moment has to do.</summary>
    private static async Task<bool> HasMoreAsync(IShare share)
    {
        using var moment = new CancellationTokenSource(Silence);
        try
        {
            await share.ReadAsync(moment.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private Task ProgressAsync(long offset) => Eventually.HoldsAsync(async () =>
    {
        _cluster.Time.Advance(TimeSpan.FromSeconds(1));
        return await StoredAsync() is { } stored && ShareProgress.From(stored.Value)![0] == offset;
    });

    private ValueTask<KafkaCache.Sessions.Ownership.StoredRecord?> StoredAsync() =>
        _cluster.Partition.GetAsync(Encoding.UTF8.GetBytes("$share/readers/##group-messages"), CancellationToken.None);
}
