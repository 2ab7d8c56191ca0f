using Zilla.DevKafka.Log;
using Zilla.DevKafka.Tests.Log;
using Zilla.DevKafka.Transactions;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Tests.Transactions;

/// <summary>Transactions as one partition's log keeps them.</summary>
public sealed class LogTransactionTests
{
    [Fact]
    public void Build_CommitMarker_BytesAsDocumented()
    {
        var marker = TransactionMarker.Build(0x0102, 7, commit: true, 1_600_000_000_000);

        Assert.Equal(
            "0000000000000000" + "00000042" + "00000000" + "02",      // base offset, 66 bytes follow, leader epoch, magic
            Convert.ToHexStringLower(marker[..17]));
        Assert.Equal(
            "0030" + "00000000" + "00000174876e8000" + "00000174876e8000" // transactional and control, one record, its time twice
            + "0000000000000102" + "0007" + "ffffffff" + "00000001"       // producer, epoch, no sequence, one record
            + "20" + "00" + "00" + "00"                                   // 16 bytes: no attributes, deltas 0
            + "08" + "0000" + "0001"                                      // key: version 0, commit
            + "0c" + "0000" + "00000000" + "00",                          // value: version 0, coordinator epoch; no headers
            Convert.ToHexStringLower(marker[21..]));
        Assert.Equal(BatchResult.Batch, BatchHeader.TryRead(marker, out var header));
        Assert.True(header.IsIntact(marker));
        Assert.True(TransactionMarker.IsCommit(header, marker));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_OpenTransaction_CommittedReaderStopsBeforeIt(bool reopen)
    {
        using var h = new LogHarness();
        h.Append("a", "1");
        h.Append(Batches.InTransaction(7, 0, 0, ("b", "1")));
        h.Append("c", "1");
        ReopenIf(reopen, h);

        Assert.Equal(1, h.Log.LastStableOffset);
        Assert.Equal(["0:a=1"], h.Committed());
        Assert.Equal(["0:a=1", "1:b=1", "2:c=1"], h.Records());
        Assert.Equal(new OpenTransaction(7, 0, 1), Assert.Single(h.Log.OpenTransactions));

        h.Log.EndTransaction(7, 0, commit: true);
        ReopenIf(reopen, h);
        Assert.Equal(4, h.Log.LastStableOffset);
        Assert.Equal(["0:a=1", "1:b=1", "2:c=1"], h.Committed());
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    [InlineData(true, 1 << 20)]
    public void Read_Aborted_LeftOutInAnswersOfAnySize(bool reopen, int bytes)
    {
        using var h = new LogHarness(("segment.bytes", "200"));
        h.Append(Batches.InTransaction(7, 0, 0, ("a", "1"), ("b", "1")));
        h.Append(Batches.InTransaction(8, 0, 0, ("c", "1")));
        h.Log.EndTransaction(7, 0, commit: false);
        h.Append(Batches.InTransaction(7, 0, 2, ("a", "2")));
        h.Append(Batches.InTransaction(8, 0, 1, ("c", "2")));
        h.Log.EndTransaction(7, 0, commit: true);
        h.Log.EndTransaction(8, 0, commit: false);
        h.Append("d", "1");
        ReopenIf(reopen, h);

        Assert.Equal(["4:a=2", "8:d=1"], h.Committed(bytes));
    }

    [Fact]
    public void Read_CommittedAmongAborted_NamesThoseThatReachIntoTheAnswer()
    {
        using var h = new LogHarness();
        for (var i = 0; i < 3; i++)
        {
            h.Append(Batches.InTransaction(7, 0, i, ("k", "v"))); // 0, 2, 4
            h.Log.EndTransaction(7, 0, commit: false);            // 1, 3, 5
        }

        using var middle = h.Log.Read(2, 1, atLeastOne: true, committed: true);
        using var marker = h.Log.Read(3, 1, atLeastOne: true, committed: true);
        using var uncommitted = h.Log.Read(2, 1, atLeastOne: true);

        Assert.Equal([new AbortedTransaction(7, 2, 3)], middle!.Aborted);
        Assert.Equal([new AbortedTransaction(7, 2, 3)], marker!.Aborted);
        Assert.Empty(uncommitted!.Aborted);
    }

    [Fact]
    public void EndTransaction_NothingOpen_WritesNothing()
    {
        using var h = new LogHarness();
        h.Append(Batches.InTransaction(7, 0, 0, ("a", "1")));
        h.Log.EndTransaction(7, 0, commit: true);

        Assert.Equal(ErrorCode.None, h.Log.EndTransaction(7, 0, commit: true));
        Assert.Equal(ErrorCode.None, h.Log.EndTransaction(9, 0, commit: true));
        Assert.Equal(2, h.Log.NextOffset);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void EndTransaction_NewerEpoch_FencesTheOlderAndTheNewOneStartsAtZero(bool reopen)
    {
        using var h = new LogHarness();
        h.Append(Batches.InTransaction(7, 3, 5, ("a", "1")));
        h.Log.EndTransaction(7, 4, commit: false);
        ReopenIf(reopen, h);

        Assert.Equal(ErrorCode.InvalidProducerEpoch, h.Log.Append(Batches.InTransaction(7, 3, 6, ("a", "2"))).Error);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, h.Log.Append(Batches.InTransaction(7, 4, 6, ("a", "2"))).Error);
        Assert.Equal(2, h.Append(Batches.InTransaction(7, 4, 0, ("a", "2"))));
    }

    [Fact]
    public void EndTransaction_RecordsAndMarkerDeletedThenRestart_StillFenced()
    {
        using var h = new LogHarness();
        h.Append(Batches.InTransaction(7, 3, 5, ("a", "1")));
        h.Log.EndTransaction(7, 4, commit: false);
        h.Log.DeleteRecords(-1);
        h.Reopen();

        Assert.Equal(2, h.Log.StartOffset);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, h.Log.Append(Batches.InTransaction(7, 3, 6, ("a", "2"))).Error);
        Assert.Equal(2, h.Append(Batches.InTransaction(7, 4, 0, ("a", "2"))));
    }

    [Fact]
    public void Append_SameEpochAfterItsMarker_SequenceGoesOn()
    {
        using var h = new LogHarness();
        h.Append(Batches.InTransaction(7, 0, 0, ("a", "1")));
        h.Log.EndTransaction(7, 0, commit: true);
        h.Reopen();

        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, h.Log.Append(Batches.InTransaction(7, 0, 2, ("a", "2"))).Error);
        Assert.Equal(2, h.Append(Batches.InTransaction(7, 0, 1, ("a", "2"))));
    }

    [Fact]
    public void Append_PlainBatchInsideATransaction_Refused()
    {
        using var h = new LogHarness();
        h.Append(Batches.InTransaction(7, 0, 0, ("a", "1")));
        Assert.Equal(ErrorCode.InvalidTxnState, h.Log.Append(Batches.From(7, 0, 1)).Error);
    }

    [Fact]
    public void Append_ControlBatchOfAClient_Refused() =>
        Assert.Equal(ErrorCode.InvalidRecord, BatchValidator.Validate(TransactionMarker.Build(7, 0, true, 0), int.MaxValue, false, out _));

    [Fact]
    public void Append_TransactionalWithoutProducer_Refused() =>
        Assert.Equal(ErrorCode.InvalidRecord, BatchValidator.Validate(Batches.InTransaction(-1, -1, -1, ("a", "1")), int.MaxValue, false, out _));

    [Fact]
    public void Housekeep_RetentionReachesAnOpenTransaction_ItStays()
    {
        using var h = new LogHarness(("segment.bytes", "150"), ("retention.ms", "1000"));
        h.Append("a", "1");
        h.Append(Batches.InTransaction(7, 0, 0, ("b", "1")));
        h.Append("c", "1");
        h.Append("d", "1");
        h.Time.Advance(TimeSpan.FromMinutes(1));

        h.Log.Housekeep();
        Assert.InRange(h.Log.StartOffset, 0, 1);
        Assert.Equal(1, h.Reopen().LastStableOffset);
        h.Log.EndTransaction(7, 0, commit: false);
        h.Time.Advance(TimeSpan.FromMinutes(1));
        h.Log.Housekeep();

        Assert.Equal(h.Log.NextOffset, h.Log.StartOffset);
        Assert.Empty(h.Committed());
    }

    [Fact]
    public void DeleteRecords_OpenTransaction_OnlyWhatIsBeforeIt()
    {
        using var h = new LogHarness();
        h.Append("a", "1");
        h.Append(Batches.InTransaction(7, 0, 0, ("b", "1")));

        Assert.Equal(ErrorCode.OffsetOutOfRange, h.Log.DeleteRecords(2));
        Assert.Equal(ErrorCode.None, h.Log.DeleteRecords(-1));
        Assert.Equal(1, h.Log.StartOffset);
    }

    [Fact]
    public void DeleteRecords_HeadOfAnAbortedTransaction_TheRestIsStillLeftOut()
    {
        using var h = new LogHarness(("segment.bytes", "100"));
        h.Append(Batches.InTransaction(7, 0, 0, ("a", "1")));
        h.Append(Batches.InTransaction(7, 0, 1, ("a", "2")));
        h.Log.EndTransaction(7, 0, commit: false);
        h.Append("b", "1");
        h.Log.DeleteRecords(1);
        Assert.Equal(["3:b=1"], h.Committed());
        h.Reopen();
        Assert.Equal(["3:b=1"], h.Committed());
    }

    private static void ReopenIf(bool reopen, LogHarness harness)
    {
        if (reopen)
        {
            harness.Reopen();
        }
    }
}
