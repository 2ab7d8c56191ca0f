using Zilla.DevKafka.Tests.Log;
using Zilla.DevKafka.Transactions;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Tests.Transactions;

public sealed class TransactionStateTests : IDisposable
{
    private readonly TransactionHarness _h = new();

    [Fact]
    public void Initialize_AgainAndAgain_SameProducerNextEpochAlsoAfterARestart()
    {
        var first = _h.Init();
        var second = _h.Init();
        _h.Reopen();
        var third = _h.Init();

        Assert.Equal(first with { Epoch = 1 }, second);
        Assert.Equal(first with { Epoch = 2 }, third);
        Assert.NotEqual(first.Id, _h.Coordinator.Initialize("other", 1000, null).Producer.Id);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(900_001)]
    public void Initialize_TimeoutOutOfBounds_Refused(int timeout) =>
        Assert.Equal(ErrorCode.InvalidTransactionTimeout, _h.Coordinator.Initialize("tx", timeout, null).Error);

    [Fact]
    public void Initialize_PredecessorHasOneOpen_AbortedAndItsProducerFenced()
    {
        var zombie = _h.Init();
        _h.Write(zombie, 0, 1);
        _h.CommitOffset(zombie, 5);

        var successor = _h.Init();

        Assert.Equal(zombie with { Epoch = 1 }, successor);
        Assert.Equal((false, 1), _h.Outcome(0));
        Assert.Equal((false, 1), _h.Outcome(1));
        Assert.Null(_h.Offset);
        Assert.Equal(ErrorCode.ProducerFenced, _h.Transaction.End(zombie, commit: true));
        Assert.Equal(ErrorCode.ProducerFenced, _h.Transaction.AddPartitions(zombie, [new("t", 0)]));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, _h.Append(zombie, 0, 1));
        _h.Write(successor, 0, 1, 2);
        Assert.Equal(ErrorCode.None, _h.Transaction.End(successor, commit: true));
    }

    [Fact]
    public void Initialize_NamesItself_OnlyTheCurrentProducerIsLetThrough()
    {
        var first = _h.Init();
        var second = _h.Init(first);
        Assert.Equal(first with { Epoch = 1 }, second);

        Assert.Equal(second, _h.Init(first)); // the answer was lost: told again
        var third = _h.Init(second);
        Assert.Equal(ErrorCode.ProducerFenced, _h.Coordinator.Initialize(TransactionHarness.Id, 1000, first).Error);
        Assert.Equal(ErrorCode.ProducerFenced, _h.Coordinator.Initialize(TransactionHarness.Id, 1000, third with { Id = 99 }).Error);
    }

    [Fact]
    public void Initialize_StaleProducerNamesItself_DoesNotTouchItsSuccessorsTransaction()
    {
        var zombie = _h.Init();
        var successor = _h.Init();
        _h.Write(successor, 0);

        Assert.Equal(ErrorCode.ProducerFenced, _h.Coordinator.Initialize(TransactionHarness.Id, 1000, zombie).Error);
        Assert.Equal(ErrorCode.None, _h.Transaction.End(successor, commit: true));
    }

    [Fact]
    public void Initialize_EpochsUsedUp_NewProducerId()
    {
        var first = _h.Init();
        var last = first;
        for (var i = 0; i < short.MaxValue && last.Id == first.Id; i++)
        {
            Assert.Equal(i, last.Epoch);
            last = _h.Init();
        }

        Assert.Equal(0, last.Epoch);
        Assert.NotEqual(first.Id, last.Id);
    }

    [Fact]
    public void End_WithoutTransaction_InvalidState()
    {
        var producer = _h.Init();
        Assert.Equal(ErrorCode.InvalidTxnState, _h.Transaction.End(producer, commit: true));
        Assert.Equal(ErrorCode.InvalidTxnState, _h.Transaction.End(producer, commit: false));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void End_Asked_Twice_SameAnswerButNotTheOpposite(bool commit)
    {
        var producer = _h.Init();
        _h.Write(producer, 0);

        Assert.Equal(ErrorCode.None, _h.Transaction.End(producer, commit));
        Assert.Equal(ErrorCode.None, _h.Transaction.End(producer, commit));
        Assert.Equal(ErrorCode.InvalidTxnState, _h.Transaction.End(producer, !commit));
        Assert.Equal((false, commit ? 0 : 1), _h.Outcome(0));
    }

    [Fact]
    public void Requests_OfUnknownProducer_InvalidMapping()
    {
        var producer = _h.Init();
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, _h.Transaction.End(producer with { Id = 99 }, commit: true));
        Assert.Equal(ErrorCode.ProducerFenced, _h.Transaction.End(producer with { Epoch = 1 }, commit: true));
    }

    [Fact]
    public void Append_PartitionNotAddedOrTransactionOver_InvalidState()
    {
        var producer = _h.Init();
        Assert.Equal(ErrorCode.InvalidTxnState, _h.Append(producer, 0));
        _h.Write(producer, 0);
        Assert.Equal(ErrorCode.InvalidTxnState, _h.Append(producer, 1));
        _h.Transaction.End(producer, commit: true);

        Assert.Equal(ErrorCode.InvalidTxnState, _h.Append(producer, 0, 1));
        Assert.Equal((false, 0), _h.Outcome(0));
    }

    [Fact]
    public void CommitOffsets_GroupNotAdded_InvalidState()
    {
        var producer = _h.Init();
        _h.Write(producer, 0);
        Assert.Equal(ErrorCode.InvalidTxnState, _h.Transaction.CommitOffsets(producer, "g", []));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CommitOffsets_Pending_TakeEffectWithTheCommitOnly(bool commit)
    {
        var before = _h.Init();
        _h.CommitOffset(before, 3);
        _h.Transaction.End(before, commit: true);
        var producer = _h.Init();
        _h.CommitOffset(producer, 7);
        _h.Reopen();

        Assert.Equal(3, _h.Offset);
        Assert.True(_h.Offsets.IsUnstable("g", new("t", 0)));
        Assert.False(_h.Offsets.IsUnstable("other", new("t", 0)));
        Assert.False(_h.Offsets.IsUnstable("g", new("t", 1)));
        _h.Transaction.End(producer, commit);

        Assert.Equal(commit ? 7 : 3, _h.Offset);
        Assert.False(_h.Offsets.IsUnstable("g", new("t", 0)));
        _h.Reopen();
        Assert.Equal(commit ? 7 : 3, _h.Offset);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Timeout_OpenForLonger_AbortedAndItsProducerFenced(bool restart)
    {
        var producer = _h.Init();
        _h.Write(producer, 0, 1);
        _h.Time.Advance(TimeSpan.FromSeconds(30));
        _h.Transaction.AddPartitions(producer, [new("t", 2)]); // does not start the time anew
        _h.Time.Advance(TimeSpan.FromSeconds(29));
        if (restart)
        {
            _h.Reopen();
        }

        Assert.Equal(TransactionState.Ongoing, _h.State);
        _h.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(TransactionState.CompleteAbort, _h.State);
        Assert.Equal((false, 1), _h.Outcome(1));
        Assert.Equal(ErrorCode.ProducerFenced, _h.Transaction.End(producer, commit: true));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, _h.Append(producer, 0, 1));
        Assert.Equal(ErrorCode.ProducerFenced, _h.Coordinator.Initialize(TransactionHarness.Id, 1000, producer).Error);
        Assert.Equal(2, _h.Init().Epoch);
    }

    [Fact]
    public void Timeout_PassedWhileTheBrokerWasDown_AbortedAtOnce()
    {
        var producer = _h.Init();
        _h.Write(producer, 0);
        _h.Coordinator.Dispose();
        _h.Time.Advance(TimeSpan.FromHours(1));
        _h.Reopen();
        _h.Time.Advance(TimeSpan.Zero);

        Assert.Equal((false, 1), _h.Outcome(0));
    }

    [Fact]
    public void Timeout_OfAnEarlierTransaction_DoesNotEndTheNext()
    {
        var producer = _h.Init();
        _h.Write(producer, 0);
        _h.Transaction.End(producer, commit: true);
        _h.Time.Advance(TimeSpan.FromSeconds(50));
        _h.Transaction.AddPartitions(producer, [new("t", 0)]);
        _h.Time.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(TransactionState.Ongoing, _h.State);
        _h.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(TransactionState.CompleteAbort, _h.State);
    }

    [Fact]
    public void Topic_DeletedInsideATransaction_TheRestIsCommitted()
    {
        var producer = _h.Init();
        _h.Topics.Create("gone", 1, new Dictionary<string, string>());
        _h.Transaction.AddPartitions(producer, [new("gone", 0)]);
        _h.Write(producer, 0);
        _h.CommitOffset(producer, 5);
        _h.Topics.Delete("gone");
        _h.Offsets.ForgetTopic("t");

        Assert.Equal(ErrorCode.None, _h.Transaction.End(producer, commit: true));
        Assert.Equal((false, 0), _h.Outcome(0));
        Assert.Null(_h.Offset); // no offset comes back for a topic that was deleted
    }

    [Fact]
    public void End_MarkerCannotBeWritten_DecidedAllTheSameAndDoneLater()
    {
        _h.Topics.Create("full", 1, new Dictionary<string, string> { ["segment.bytes"] = "14" }); // each batch begins a file
        var producer = _h.Init();
        _h.Write(producer, 0);
        _h.Transaction.AddPartitions(producer, [new("full", 0)]);
        var log = _h.Topics.Partition("full", 0)!;
        _h.Transaction.Append(producer, new("full", 0), log, Batches.InTransaction(producer.Id, producer.Epoch, 0, ("k", "v")));
        Directory.Move(log.Folder, log.Folder + ".away");

        Assert.Equal(ErrorCode.CoordinatorNotAvailable, _h.Transaction.End(producer, commit: true));
        Assert.Equal(TransactionState.PrepareCommit, _h.State);
        Assert.Equal(ErrorCode.ConcurrentTransactions, _h.Transaction.End(producer, commit: true));
        Assert.Equal(ErrorCode.ConcurrentTransactions, _h.Transaction.AddPartitions(producer, [new("t", 1)]));
        Assert.Equal(ErrorCode.ConcurrentTransactions, _h.Coordinator.Initialize(TransactionHarness.Id, 1000, null).Error);
        _h.Time.Advance(TimeSpan.FromMinutes(2)); // not even its timeout aborts what was decided
        Assert.Equal(TransactionState.PrepareCommit, _h.State);

        Directory.Move(log.Folder + ".away", log.Folder);
        _h.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TransactionState.CompleteCommit, _h.State);
        Assert.Equal(2, log.LastStableOffset);
        Assert.Equal((false, 0), _h.Outcome(0));
        Assert.Equal(ErrorCode.None, _h.Transaction.End(producer, commit: true));
    }

    [Fact]
    public void Sweep_IdNotUsedForAWeek_ForgottenAndItsProducerUnknown()
    {
        var producer = _h.Init();
        _h.Time.Advance(TimeSpan.FromDays(6));
        _h.Coordinator.Sweep();
        Assert.NotNull(_h.Coordinator.Find(TransactionHarness.Id));
        _h.Time.Advance(TimeSpan.FromDays(2));
        _h.Coordinator.Sweep();

        Assert.Null(_h.Coordinator.Find(TransactionHarness.Id));
        _h.Reopen();
        Assert.Null(_h.Coordinator.Find(TransactionHarness.Id));
        Assert.NotEqual(producer.Id, _h.Init().Id);
    }

    [Fact]
    public void Open_RecordsThatNoTransactionClaims_AreAborted()
    {
        var producer = _h.Init();
        _h.Write(producer, 0);
        _h.Coordinator.Dispose();
        Directory.Delete(Path.Combine(_h.Folder, "transactions"), recursive: true);
        _h.Reopen();

        Assert.Equal((false, 1), _h.Outcome(0));
    }

    public void Dispose() => _h.Dispose();
}
