using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Tests.Log;

public sealed class RetentionTests
{
    [Fact]
    public void Housekeep_OlderThanRetention_HeadGoneAndStartKeptOverRestart()
    {
        using var h = new LogHarness(("segment.bytes", "100"), ("retention.ms", "60000"));
        h.Append("a", "1");
        h.Append("b", "2");
        h.Time.Advance(TimeSpan.FromSeconds(61));
        h.Append("c", "3");

        h.Log.Housekeep();

        Assert.Equal(["2:c=3"], h.Records());
        Assert.Single(h.Files);
        h.Reopen();
        Assert.Equal(2, h.Log.StartOffset);
        Assert.Null(h.Log.Read(1, 100, true));
    }

    [Fact]
    public void Housekeep_AllExpired_EmptyButOffsetsGoOn()
    {
        using var h = new LogHarness(("retention.ms", "1000"));
        h.Append("a", "1");
        h.Time.Advance(TimeSpan.FromSeconds(2));

        h.Log.Housekeep();

        Assert.Empty(h.Records());
        h.Reopen();
        Assert.Equal((1L, 1L), (h.Log.StartOffset, h.Log.NextOffset));
        Assert.Equal(1, h.Append(Batches.Of(("b", "2"))));
    }

    [Fact]
    public void Housekeep_NotYetExpired_NothingGoes()
    {
        using var h = new LogHarness(("segment.bytes", "100"), ("retention.ms", "60000"));
        h.Append("a", "1");
        h.Append("b", "2");
        h.Time.Advance(TimeSpan.FromSeconds(59));

        h.Log.Housekeep();

        Assert.Equal(0, h.Log.StartOffset);
    }

    [Fact]
    public void Housekeep_LargerThanRetentionBytes_OldestSegmentsGo()
    {
        using var h = new LogHarness(("segment.bytes", "100"), ("retention.bytes", "200"), ("retention.ms", "-1"));
        for (var i = 0; i < 10; i++)
        {
            h.Append($"k{i}", "v"); // 71 bytes, one a segment
        }

        h.Log.Housekeep();

        Assert.Equal(["7:k7=v", "8:k8=v", "9:k9=v"], h.Records());
        Assert.True(h.Log.Size >= 200);
    }

    [Fact]
    public void Housekeep_CompactOnly_NothingExpires()
    {
        using var h = new LogHarness(("cleanup.policy", "compact"), ("retention.ms", "1"));
        h.Append("a", "1");
        h.Time.Advance(TimeSpan.FromDays(1));
        h.Log.Housekeep();
        Assert.Equal(["0:a=1"], h.Records());
    }

    [Fact]
    public void DeleteRecords_Middle_StartMovesAndStaysAfterRestart()
    {
        using var h = new LogHarness(("segment.bytes", "150"));
        for (var i = 0; i < 6; i++)
        {
            h.Append($"k{i}", "v");
        }

        Assert.Equal(ErrorCode.None, h.Log.DeleteRecords(3));

        Assert.Equal(["3:k3=v", "4:k4=v", "5:k5=v"], h.Records());
        h.Reopen();
        Assert.Equal(["3:k3=v", "4:k4=v", "5:k5=v"], h.Records());
    }

    [Fact]
    public void DeleteRecords_HighWatermark_EmptyAndTheSpaceIsFree()
    {
        using var h = new LogHarness();
        h.Append("a", "1");

        Assert.Equal(ErrorCode.None, h.Log.DeleteRecords(-1));

        Assert.Equal((1L, 1L, 0L), (h.Log.StartOffset, h.Log.NextOffset, h.Log.Size));
        h.Reopen();
        Assert.Equal(1, h.Append(Batches.Of(("b", "2"))));
    }

    [Theory]
    [InlineData(2, (int)ErrorCode.OffsetOutOfRange)]
    [InlineData(-2, (int)ErrorCode.OffsetOutOfRange)]
    [InlineData(0, (int)ErrorCode.None)]
    public void DeleteRecords_Offset_Answer(long offset, int error)
    {
        using var h = new LogHarness();
        h.Append("a", "1");
        Assert.Equal((ErrorCode)error, h.Log.DeleteRecords(offset));
        Assert.Equal(["0:a=1"], h.Records());
    }

    [Fact]
    public void DeleteRecords_CompactedTopic_PolicyViolation()
    {
        using var h = new LogHarness(("cleanup.policy", "compact"));
        h.Append("a", "1");
        Assert.Equal(ErrorCode.PolicyViolation, h.Log.DeleteRecords(1));
    }

    [Fact]
    public void Open_FilesOfTheDeletedHeadLeftByACrash_NotServed()
    {
        using var h = new LogHarness(("segment.bytes", "100"));
        h.Append("a", "1");
        h.Append("b", "2");
        var (path, bytes) = (h.Files[0], File.ReadAllBytes(h.Files[0]));
        h.Log.DeleteRecords(1);
        h.Log.Dispose();
        File.WriteAllBytes(path, bytes);
        h.Reopen();

        Assert.Equal(["1:b=2"], h.Records());
        h.Log.Housekeep();
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void Open_StartBeyondTheEnd_OffsetsAreNotUsedAgain()
    {
        using var h = new LogHarness();
        h.Append("a", "1");
        h.Append("b", "2");
        h.Log.DeleteRecords(2);
        h.Log.Dispose();
        foreach (var file in h.Files)
        {
            File.Delete(file); // as a power failure could have it
        }

        h.Reopen();

        Assert.Equal(2, h.Append(Batches.Of(("c", "3"))));
    }
}
