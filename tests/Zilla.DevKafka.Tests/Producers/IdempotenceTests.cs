using Zilla.DevKafka.Tests.Log;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Tests.Producers;

public sealed class IdempotenceTests
{
    [Fact]
    public void Append_BatchSentAgain_FirstOffsetAndNothingWritten()
    {
        using var h = new LogHarness();
        h.Append(Batches.From(7, 0, 0, count: 3));
        h.Append(Batches.From(7, 0, 3, count: 2));

        Assert.Equal(0, h.Append(Batches.From(7, 0, 0, count: 3)));
        Assert.Equal(3, h.Append(Batches.From(7, 0, 3, count: 2)));
        Assert.Equal(5, h.Log.NextOffset);
    }

    [Fact]
    public void Append_FifthLastSentAgain_DuplicateButSixth_OutOfOrder()
    {
        using var h = new LogHarness();
        for (var i = 0; i < 6; i++)
        {
            h.Append(Batches.From(7, 0, i));
        }

        Assert.Equal(1, h.Append(Batches.From(7, 0, 1)));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, h.Log.Append(Batches.From(7, 0, 0)).Error);
    }

    [Fact]
    public void Append_SequenceGap_OutOfOrder()
    {
        using var h = new LogHarness();
        h.Append(Batches.From(7, 0, 0));

        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, h.Log.Append(Batches.From(7, 0, 2)).Error);
        Assert.Equal(1, h.Log.NextOffset);
    }

    [Fact]
    public void Append_OlderEpoch_Fenced_NewerEpoch_StartsAtZero()
    {
        using var h = new LogHarness();
        h.Append(Batches.From(7, 3, 0));

        Assert.Equal(ErrorCode.InvalidProducerEpoch, h.Log.Append(Batches.From(7, 2, 1)).Error);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, h.Log.Append(Batches.From(7, 4, 1)).Error);
        Assert.Equal(1, h.Append(Batches.From(7, 4, 0)));
    }

    [Fact]
    public void Append_SequenceWraps_GoesOnAtZero()
    {
        using var h = new LogHarness();
        h.Append(Batches.From(7, 0, int.MaxValue));
        Assert.Equal(1, h.Append(Batches.From(7, 0, 0)));
    }

    [Fact]
    public void Append_AfterRestart_DuplicatesAndGapsStillKnown()
    {
        using var h = new LogHarness(("segment.bytes", "150"));
        for (var i = 0; i < 9; i++)
        {
            h.Append(Batches.From(7, 0, i));
        }

        h.Reopen();

        Assert.Equal(8, h.Append(Batches.From(7, 0, 8)));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, h.Log.Append(Batches.From(7, 0, 10)).Error);
        Assert.Equal(9, h.Append(Batches.From(7, 0, 9)));
    }

    [Fact]
    public void Append_RecordsDeletedThenRestart_ProducerStillKnown()
    {
        using var h = new LogHarness();
        h.Append(Batches.From(7, 0, 0));
        h.Log.DeleteRecords(-1);
        h.Reopen();

        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, h.Log.Append(Batches.From(7, 0, 5)).Error);
        Assert.Equal(0, h.Append(Batches.From(7, 0, 0)));
    }

    [Fact]
    public void Append_TailLostWithThePower_SentAgainIsNoDuplicate()
    {
        using var h = new LogHarness(("segment.bytes", "150"));
        for (var i = 0; i < 4; i++)
        {
            h.Append(Batches.From(7, 0, i));
        }

        h.Log.Dispose();
        foreach (var file in h.Files.Skip(1))
        {
            File.Delete(file); // the snapshot written when they were begun is still there
        }

        h.Reopen();
        var lost = (int)h.Log.NextOffset;

        Assert.True(lost < 4);
        Assert.Equal(lost, h.Append(Batches.From(7, 0, lost)));
        Assert.Equal(lost + 1, h.Log.NextOffset);
    }

    [Fact]
    public void Append_ProducerSilentForADay_Forgotten()
    {
        using var h = new LogHarness();
        h.Append(Batches.From(7, 0, 0));
        h.Time.Advance(TimeSpan.FromHours(25));
        h.Log.Housekeep();
        Assert.Equal(1, h.Append(Batches.From(7, 0, 5)));
    }

    [Fact]
    public void Next_AfterRestart_NeverTheSameId()
    {
        using var folder = new TemporaryFolder();
        var first = Enumerable.Range(0, 1500).Select(Of(new DevKafka.Producers.ProducerIds(folder.Path))).ToList();
        var second = Enumerable.Range(0, 1500).Select(Of(new DevKafka.Producers.ProducerIds(folder.Path))).ToList();

        Assert.Equal(3000, first.Union(second).Count());

        static Func<int, long> Of(DevKafka.Producers.ProducerIds ids) => _ => ids.Next();
    }
}
