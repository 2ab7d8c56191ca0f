using System.Text;
using Confluent.Kafka;
using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.Streams;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Sessions.Ownership;

/// <summary>What shares a transaction, and what becomes of those who wait when one fails.</summary>
public sealed class GroupCommitterTests : IDisposable
{
    private readonly FakeTransactions _kafka = new();
    private readonly GroupCommitter _committer;
    private readonly ManualResetEventSlim _entered = new();
    private readonly ManualResetEventSlim _go = new();

    public GroupCommitterTests() => _committer = new(new(_kafka, _ => { }, _ => { }, TimeProvider.System), "test");

    [Fact]
    public async Task Add_WhileATransactionIsUnderWay_ShareTheNext_InOrder()
    {
        HoldFirst();
        var first = Add("first");
        _entered.Wait();
        var others = Enumerable.Range(0, 100).Select(i => Add($"k{i}")).ToArray();
        Assert.False(first.IsCompleted);

        _go.Set();
        await Task.WhenAll([first, .. others]);

        Assert.Equal(["first"], _kafka.Committed[0]);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"k{i}"), _kafka.Committed.Skip(1).SelectMany(keys => keys));
        Assert.Equal(2, _kafka.Committed.Count);
    }

    [Fact]
    public async Task Add_MoreThanATransactionTakes_AreSeveral()
    {
        HoldFirst();
        var first = Add("first");
        _entered.Wait();
        var large = Enumerable.Range(0, 5).Select(i => _committer.Add([new("t", Bytes($"k{i}"), new byte[400_000])]).Done).ToArray();

        _go.Set();
        await Task.WhenAll([first, .. large]);

        Assert.Equal(["first", "k0 k1", "k2 k3", "k4"], _kafka.Committed.Select(keys => string.Join(' ', keys)));
    }

    [Fact]
    public async Task Add_MoreThanMayWait_IsRefused_AndTakenLater()
    {
        HoldFirst();
        var first = Add("first");
        _entered.Wait();
        var waiting = Enumerable.Range(0, 8).Select(i => _committer.Add([new("t", Bytes($"k{i}"), new byte[2_000_000])]).Done).ToArray();

        Assert.Equal(Cause.Overloaded, Assert.Throws<StreamBrokenException>(() => _committer.Add([new("t", Bytes("k8"), new byte[2_000_000])])).Cause);

        _go.Set();
        await Task.WhenAll([first, .. waiting]);
        await Add("k9");
    }

    [Fact]
    public async Task Commit_ThatHasToBeAborted_IsWrittenAgainWhole()
    {
        var failures = 2;
        _kafka.Committing = () =>
        {
            if (failures-- > 0)
            {
                throw FakeTransactions.RequiresAbort;
            }
        };

        await _committer.Add([Record("a"), Record("b")]).Done.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(["a", "b"], _kafka.Committed.Single());
        Assert.Equal(2, _kafka.Aborted);
    }

    [Fact]
    public async Task Commit_ThatWasNotAnsweredInTime_IsCommittedOnce()
    {
        var failures = 3;
        _kafka.Committing = () =>
        {
            if (failures-- > 0)
            {
                throw FakeTransactions.Retriable;
            }
        };

        await Add("a");

        Assert.Equal(["a"], _kafka.Committed.Single());
        Assert.Equal(0, _kafka.Aborted);
    }

    [Fact]
    public async Task Record_ThatKafkaRefuses_FailsAlone()
    {
        _kafka.Judge = record => record.Key!.AsSpan().SequenceEqual("bad"u8) ? ErrorCode.MsgSizeTooLarge : ErrorCode.NoError;
        HoldFirst();
        var first = Add("first");
        _entered.Wait();
        var before = Add("before");
        var bad = _committer.Add([Record("with"), Record("bad")]).Done;
        var after = Add("after");

        _go.Set();

        Assert.Equal(Cause.InvalidRecord, (await Assert.ThrowsAsync<StreamBrokenException>(() => bad)).Cause);
        await Task.WhenAll(first, before, after);
        Assert.Equal(["first", "before", "after"], _kafka.Committed.SelectMany(keys => keys));
    }

    [Fact]
    public async Task Record_ForATopicThatIsNotThere_FailsWithoutATransaction()
    {
        var unknown = _committer.Add([Record("a"), new("unknown", Bytes("b"), null)]).Done;

        Assert.Equal(Cause.UnknownTopic, (await Assert.ThrowsAsync<StreamBrokenException>(() => unknown)).Cause);
        Assert.Empty(_kafka.Committed);
        Assert.Equal(0, _kafka.Aborted);
        await Add("c");
    }

    [Fact]
    public async Task Fenced_AllWhoWaitAreTold_AndNothingMoreIsTaken()
    {
        _kafka.Committing = () =>
        {
            _entered.Set();
            _go.Wait();
            throw FakeTransactions.Fenced;
        };
        var first = Add("first");
        _entered.Wait();
        var second = Add("second");

        _go.Set();

        Assert.Equal(Cause.NotOwner, (await Assert.ThrowsAsync<StreamBrokenException>(() => first)).Cause);
        Assert.Equal(Cause.NotOwner, (await Assert.ThrowsAsync<StreamBrokenException>(() => second)).Cause);
        Assert.Contains("fenced", (await Eventually.CompletesAsync(_committer.Ended)).Message, StringComparison.Ordinal);
        Assert.Equal(Cause.NotOwner, Assert.Throws<StreamBrokenException>(() => _committer.Add([Record("third")])).Cause);
        await Eventually.HoldsAsync(() => _kafka.Disposed);
        Assert.Empty(_kafka.Committed);
    }

    [Fact]
    public async Task Close_WritesWhatWasTaken_ThenNothing()
    {
        HoldFirst();
        var first = Add("first");
        _entered.Wait();
        var second = Add("second");
        var closing = _committer.CloseAsync(CancellationToken.None);
        Assert.Throws<StreamBrokenException>(() => _committer.Add([Record("late")]));

        _go.Set();
        await closing;

        await Task.WhenAll(first, second);
        Assert.Equal(["first", "second"], _kafka.Committed.SelectMany(keys => keys));
        await Eventually.HoldsAsync(() => _kafka.Disposed);
    }

    [Fact]
    public async Task Close_TimeIsUp_GivesUp()
    {
        HoldFirst();
        var first = Add("first");
        _entered.Wait();
        var second = Add("second");

        using var up = new CancellationTokenSource();
        var closing = _committer.CloseAsync(up.Token);
        await up.CancelAsync();
        await closing;

        Assert.Equal(Cause.NotOwner, (await Assert.ThrowsAsync<StreamBrokenException>(() => second)).Cause);
        _go.Set();
        await first; // Kafka had it already
    }

    public void Dispose()
    {
        _go.Set();
        _committer.Dispose();
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static TransactionRecord Record(string key) => new("t", Bytes(key), Bytes("v"));

    private Task Add(string key) => _committer.Add([Record(key)]).Done.WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>The first commit waits in Kafka until the test says go.</summary>
    private void HoldFirst() => _kafka.Committing = () =>
    {
        _entered.Set();
        _go.Wait();
    };
}
