using Google.Protobuf;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.Tests.Lanes;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.Streams.Tests.Kafka;

public class RecordStreamTests
{
    private static readonly byte[] Extension = new KafkaDataEx { Offset = 7, Key = ByteString.CopyFromUtf8("k") }.ToByteArray();

    [Theory]
    [InlineData(0)]
    [InlineData(KafkaStreamExtensions.MaxFragment)]
    [InlineData(KafkaStreamExtensions.MaxFragment + 1)]
    [InlineData(3 * KafkaStreamExtensions.MaxFragment)]
    [InlineData(5_000_000)]
    public async Task WriteRecord_OfAnySize_IsReadWhole(int length)
    {
        var value = new byte[length];
        new Random(1).NextBytes(value);
        await using var lanes = InProcessLanes.Connect(new Acceptor(async (stream, cancellation) =>
        {
            stream.Accept();
            await stream.WriteProgressAsync(KafkaProgress.Of(0, 7), cancellation);
            await stream.WriteRecordAsync(Extension, value, cancellation);
            stream.End(KafkaProgress.Of(0, 8));
        }));
        await using var stream = lanes.Open(new Begin());
        var reader = new KafkaReader(stream);

        Assert.Equal(FrameKind.Begin, (await Next(reader)).Kind);
        Assert.Equal(KafkaProgress.Of(0, 7), (await Next(reader)).Progress);
        var record = (await Next(reader)).Record;
        Assert.Equal(7, record.Offset);
        Assert.Equal("k"u8.ToArray(), record.Key.ToArray());
        Assert.True(record.Value.Span.SequenceEqual(value));
        var end = await Next(reader);
        Assert.Equal((FrameKind.End, KafkaProgress.Of(0, 8)), (end.Kind, end.Progress));
    }

    [Fact]
    public async Task Read_LongerThanAllowed_IsInvalidRecord()
    {
        await using var lanes = InProcessLanes.Connect(new Acceptor(async (stream, cancellation) =>
        {
            stream.Accept();
            await stream.WriteRecordAsync(Extension, new byte[200_000], cancellation);
            stream.End();
        }));
        await using var stream = lanes.Open(new Begin());
        var reader = new KafkaReader(stream, maxValue: 100_000);
        await Next(reader);

        Assert.Equal(Cause.InvalidRecord, (await Assert.ThrowsAsync<StreamBrokenException>(() => Next(reader))).Cause);
    }

    [Fact]
    public async Task WriteRecord_HeadersTooLarge_IsInvalidRecord()
    {
        await using var lanes = InProcessLanes.Connect(Acceptor.Echo);
        await using var stream = lanes.Open(new Begin());

        var broken = await Assert.ThrowsAsync<StreamBrokenException>(async () => await stream.WriteRecordAsync(new byte[1024 * 1024], default));

        Assert.Equal(Cause.InvalidRecord, broken.Cause);
    }

    [Fact]
    public void TryAdd_IncompleteRecord_IsDroppedAndTheNextIsRead()
    {
        var assembler = new RecordAssembler(100);
        Assert.False(assembler.TryAdd(Piece(DataFlags.Init), out _));
        Assert.False(assembler.TryAdd(Piece(DataFlags.Incomplete, extended: false), out _));

        Assert.True(assembler.TryAdd(Piece(DataFlags.Whole), out var record));
        Assert.Equal(3, record.Value.Length);
    }

    [Theory]
    [InlineData(DataFlags.Fin, null)]
    [InlineData(DataFlags.None, null)]
    [InlineData(DataFlags.Init, DataFlags.Init)]
    [InlineData(DataFlags.Init, DataFlags.Whole)]
    public void TryAdd_PiecesOutOfOrder_IsAProtocolError(DataFlags first, DataFlags? second)
    {
        var assembler = new RecordAssembler(100);

        var broken = Assert.Throws<StreamBrokenException>(() =>
        {
            assembler.TryAdd(Piece(first), out _);
            assembler.TryAdd(Piece(second!.Value), out _);
        });

        Assert.Equal(Cause.ProtocolError, broken.Cause);
    }

    [Fact]
    public void TryAdd_UnsoundExtension_IsAProtocolError()
    {
        var frame = new StreamFrame { Kind = FrameKind.Data, Flags = DataFlags.Whole, Extension = new byte[] { 0x22, 0x05, 0 } };

        Assert.Equal(Cause.ProtocolError, Assert.Throws<StreamBrokenException>(() => new RecordAssembler(100).TryAdd(frame, out _)).Cause);
    }

    [Fact]
    public void Encode_Progress_IsWhatTheGeneratedCodeWrites()
    {
        var progress = KafkaProgress.Create([new(0, 2), new(1, 1)]);

        var expected = new KafkaFlushEx { Progress = ByteString.CopyFrom(progress.Encode()) }.ToByteArray();

        Assert.Equal(expected, ProgressExtension.Encode(progress));
    }

    private static StreamFrame Piece(DataFlags flags, bool extended = true) =>
        new() { Kind = FrameKind.Data, Flags = flags, Payload = new byte[3], Extension = extended ? Extension : default };

    private static async Task<KafkaItem> Next(KafkaReader reader) => await Eventually.CompletesAsync(reader.ReadAsync().AsTask());
}
