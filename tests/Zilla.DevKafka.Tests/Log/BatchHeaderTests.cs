using Zilla.DevKafka.Log;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Tests.Log;

public sealed class BatchHeaderTests
{
    [Fact]
    public void TryRead_ForeignBatch_FieldsAndCrcAsWritten()
    {
        Assert.Equal(BatchResult.Batch, BatchHeader.TryRead(Batches.Foreign, out var header));

        Assert.Equal(Batches.Foreign.Length, header.Size);
        Assert.Equal(2, header.RecordCount);
        Assert.Equal(1, header.LastOffset);
        Assert.Equal(1_600_000_000_000, header.BaseTimestamp);
        Assert.Equal(1_600_000_000_005, header.MaxTimestamp);
        Assert.True(header.IsIntact(Batches.Foreign));
    }

    [Fact]
    public void TryRead_CutAnywhereInHeader_NeedMore()
    {
        for (var cut = 0; cut < BatchHeader.Length; cut++)
        {
            Assert.Equal(BatchResult.NeedMore, BatchHeader.TryRead(Batches.Foreign.AsSpan(0, cut), out _));
        }
    }

    [Fact]
    public void IsIntact_AnyCoveredByteFlipped_False()
    {
        for (var at = BatchHeader.CrcAt; at < Batches.Foreign.Length; at++)
        {
            var damaged = Batches.Foreign.ToArray();
            damaged[at] ^= 0x10;
            Assert.False(BatchHeader.TryRead(damaged, out var header) == BatchResult.Batch && header.IsIntact(damaged), $"byte {at}");
        }
    }

    [Fact]
    public void Build_SameRecords_SameBytesAsForeign()
    {
        var builder = new BatchBuilder();
        builder.Add(new DevKafka.Log.Record(0, 0, "k1"u8.ToArray(), "v1"u8.ToArray(), new byte[] { 0x02, 0x02, (byte)'h', 0x02, (byte)'x' }));
        builder.Add(new DevKafka.Log.Record(1, 5, "k2"u8.ToArray(), null, default));

        BatchHeader.TryRead(Batches.Foreign, out var header);
        Assert.Equal(Batches.Foreign, builder.Build(header));
    }

    [Fact]
    public void Validate_CutAnywhere_Corrupt()
    {
        for (var cut = 0; cut < Batches.Foreign.Length; cut++)
        {
            Assert.Equal(ErrorCode.CorruptMessage, BatchValidator.Validate(Batches.Foreign.AsMemory(0, cut), int.MaxValue, false, out _));
        }
    }

    [Theory]
    [InlineData(16, 1, (int)ErrorCode.UnsupportedForMessageFormat)] // magic 1: before Kafka 0.11
    [InlineData(16, 3, (int)ErrorCode.CorruptMessage)]              // magic of the future
    [InlineData(8, 0x7F, (int)ErrorCode.CorruptMessage)]            // length beyond the request
    [InlineData(8, 0xFF, (int)ErrorCode.CorruptMessage)]            // negative length
    [InlineData(60, 3, (int)ErrorCode.CorruptMessage)]              // record count changed: the CRC tells
    public void Validate_HeaderByteChanged_Refused(int at, byte value, int error)
    {
        var batch = Batches.Foreign.ToArray();
        batch[at] = value;
        Assert.Equal((ErrorCode)error, BatchValidator.Validate(batch, int.MaxValue, false, out _));
    }

    [Fact]
    public void Validate_TooLargeForTopic_MessageTooLarge() =>
        Assert.Equal(ErrorCode.MessageTooLarge, BatchValidator.Validate(Batches.Foreign, Batches.Foreign.Length - 1, false, out _));

    [Fact]
    public void Validate_TwoBatches_InvalidRecord() =>
        Assert.Equal(ErrorCode.InvalidRecord, BatchValidator.Validate(new byte[][] { Batches.Foreign, Batches.Foreign }.SelectMany(b => b).ToArray(), int.MaxValue, false, out _));

    [Fact]
    public void Validate_NoKeyInCompactedTopic_InvalidRecord() =>
        Assert.Equal(ErrorCode.InvalidRecord, BatchValidator.Validate(Batches.Of((null, "v")), int.MaxValue, keysRequired: true, out _));

    [Fact]
    public void Validate_RecordLengthsLieUnderAValidCrc_InvalidRecord()
    {
        BatchHeader.TryRead(Batches.Foreign, out var header);
        for (var at = BatchHeader.Length; at < Batches.Foreign.Length; at++)
        {
            var batch = Batches.Foreign.ToArray();
            batch[at] = 0xFF;
            header.Write(batch, batch.AsSpan(BatchHeader.Length));
            var error = BatchValidator.Validate(batch, int.MaxValue, false, out _);
            Assert.True(error is ErrorCode.InvalidRecord or ErrorCode.None, $"byte {at}: {error}");
        }
    }
}
