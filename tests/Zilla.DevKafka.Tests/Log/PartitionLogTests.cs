using Zilla.DevKafka.Log;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Tests.Log;

public sealed class PartitionLogTests
{
    [Fact]
    public void Append_ForeignBatch_ReadAsSentButForItsOffset()
    {
        using var h = new LogHarness();
        h.Append(Batches.Of(("a", "1")));

        Assert.Equal(1, h.Append(Batches.Foreign));

        using var slice = h.Log.Read(1, 1000, atLeastOne: true);
        var expected = Batches.Foreign.ToArray();
        expected[7] = 1;
        Assert.Equal(expected, slice!.Bytes.ToArray());
        Assert.Equal(3, h.Log.NextOffset);
    }

    [Fact]
    public void Open_AfterWrites_SameRecordsAndNextOffset()
    {
        using var h = new LogHarness(("segment.bytes", "200"));
        for (var i = 0; i < 20; i++)
        {
            h.Append($"k{i}", $"v{i}");
        }

        var before = h.Records();
        h.Reopen();

        Assert.True(h.Files.Count > 5);
        Assert.Equal(before, h.Records());
        Assert.Equal(20, h.Log.NextOffset);
    }

    [Fact]
    public void Open_FileCutAnywhere_WholeBatchesStayAndAppendGoesOn()
    {
        using var h = new LogHarness();
        h.Append("a", "1");
        h.Append("b", "2");
        h.Append("c", "3");
        var bytes = File.ReadAllBytes(h.Files[0]);
        var size = bytes.Length / 3;
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            h.Log.Dispose();
            File.WriteAllBytes(h.Files[0], bytes[..cut]);
            h.Reopen();

            Assert.Equal(cut / size, h.Log.NextOffset);
            Assert.Equal(cut / size * size, new FileInfo(h.Files[0]).Length);
            Assert.Equal(cut / size, h.Append(Batches.Of(("d", "4"))));
        }
    }

    [Fact]
    public void Open_AnyByteOfLastBatchFlipped_ThatBatchIsCut()
    {
        using var h = new LogHarness();
        h.Append("a", "1");
        h.Append("b", "2");
        var bytes = File.ReadAllBytes(h.Files[0]);
        for (var at = (bytes.Length / 2) + BatchHeader.CrcAt; at < bytes.Length; at++)
        {
            h.Log.Dispose();
            var damaged = bytes.ToArray();
            damaged[at] ^= 0x01;
            File.WriteAllBytes(h.Files[0], damaged);
            h.Reopen();
            Assert.Equal(["0:a=1"], h.Records());
        }
    }

    [Fact]
    public void Open_GarbageBehindTheEnd_Cut()
    {
        using var h = new LogHarness();
        h.Append("a", "1");
        var good = File.ReadAllBytes(h.Files[0]);
        h.Log.Dispose();
        File.WriteAllBytes(h.Files[0], [.. good, .. new byte[5000]]);
        h.Reopen();

        Assert.Equal(good, File.ReadAllBytes(h.Files[0]));
    }

    [Fact]
    public void Open_SealedSegmentDamaged_TheRestIsServedAndTheFileLeftAlone()
    {
        using var h = new LogHarness(("segment.bytes", "100"));
        for (var i = 0; i < 4; i++)
        {
            h.Append($"k{i}", "v");
        }

        var damaged = File.ReadAllBytes(h.Files[1]);
        damaged[^1] ^= 0x01;
        h.Log.Dispose();
        File.WriteAllBytes(h.Files[1], damaged);
        h.Reopen();

        Assert.Equal(["0:k0=v", "2:k2=v", "3:k3=v"], h.Records());
        Assert.Equal(damaged, File.ReadAllBytes(h.Files[1]));
        Assert.Equal(4, h.Log.NextOffset);
    }

    [Theory]
    [InlineData(0, 1)]     // less than one batch: one all the same
    [InlineData(100, 1)]
    [InlineData(150, 2)]   // 70 bytes each
    [InlineData(10_000, 3)]
    public void Read_Limit_WholeBatches(int limit, int expected)
    {
        using var h = new LogHarness();
        for (var i = 0; i < 3; i++)
        {
            h.Append("k", "v");
        }

        using var slice = h.Log.Read(0, limit, atLeastOne: true);
        Assert.Equal(expected * (new FileInfo(h.Files[0]).Length / 3), slice!.Length);
    }

    [Fact]
    public void Read_LimitBelowFirstBatchAndNotFirst_Nothing()
    {
        using var h = new LogHarness();
        h.Append("k", "v");
        Assert.Equal(0, h.Log.Read(0, 10, atLeastOne: false)!.Length);
    }

    [Fact]
    public void Read_AtTheEnd_EmptyAndBeyond_OutOfRange()
    {
        using var h = new LogHarness();
        h.Append("k", "v");

        Assert.Equal(0, h.Log.Read(1, 100, true)!.Length);
        Assert.Null(h.Log.Read(2, 100, true));
        Assert.Null(h.Log.Read(-1, 100, true));
    }

    [Fact]
    public void Read_MiddleOfBatch_TheWholeBatch()
    {
        using var h = new LogHarness();
        h.Append(Batches.Of(("a", "1"), ("b", "2"), ("c", "3")));

        using var slice = h.Log.Read(2, 1000, true);

        BatchHeader.TryRead(slice!.Bytes.Span, out var header);
        Assert.Equal(0, header.BaseOffset);
    }

    [Fact]
    public void Read_ManyBatches_EveryOffsetIsFound()
    {
        using var h = new LogHarness(("segment.bytes", "20000"));
        for (var i = 0; i < 1000; i++)
        {
            h.Append($"k{i}", "v");
        }

        for (var offset = 0; offset < 1000; offset++)
        {
            using var slice = h.Log.Read(offset, 1, atLeastOne: true);
            BatchHeader.TryRead(slice!.Bytes.Span, out var header);
            Assert.Equal(offset, header.BaseOffset);
        }
    }

    [Fact]
    public async Task Append_WhileOneWaits_Wakes()
    {
        using var h = new LogHarness();
        var waiter = new LogWaiter();
        h.Log.Register(waiter);
        Assert.False(waiter.Signalled.IsCompleted);

        h.Append("k", "v");

        await waiter.Signalled.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Append_LogAppendTime_StampedAndIntact()
    {
        using var h = new LogHarness(("message.timestamp.type", "LogAppendTime"));

        var result = h.Log.Append(Batches.Foreign);

        using var slice = h.Log.Read(0, 1000, true);
        BatchHeader.TryRead(slice!.Bytes.Span, out var header);
        Assert.Equal(h.Now, result.AppendTime);
        Assert.Equal(h.Now, header.MaxTimestamp);
        Assert.True(header.StampedByBroker && header.IsIntact(slice.Bytes.Span));
    }

    [Fact]
    public void FindTimestamp_BetweenBatchesAndInside_FirstRecordNotEarlier()
    {
        using var h = new LogHarness(("segment.bytes", "100"));
        h.Append(Batches.At(1000, ("a", "1")));
        h.Append(Batches.Foreign); // 1 at 1600000000000, 2 at 1600000000005
        h.Append(Batches.Gzip(Batches.Foreign));

        Assert.Equal(new TimedOffset(1000, 0), h.Log.FindTimestamp(0));
        Assert.Equal(new TimedOffset(1_600_000_000_000, 1), h.Log.FindTimestamp(1001));
        Assert.Equal(new TimedOffset(1_600_000_000_005, 2), h.Log.FindTimestamp(1_600_000_000_001));
        Assert.Equal(TimedOffset.None, h.Log.FindTimestamp(1_600_000_000_006));
        Assert.Equal(new TimedOffset(1_600_000_000_005, 2), h.Log.FindMaxTimestamp());
    }

    [Fact]
    public void Append_Disposed_UnknownPartition()
    {
        using var h = new LogHarness();
        h.Log.Dispose();
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, h.Log.Append(Batches.Foreign).Error);
        Assert.Null(h.Log.Read(0, 100, true));
    }
}
