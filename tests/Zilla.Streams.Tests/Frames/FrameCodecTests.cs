using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Zilla.Streams.Frames;
using Zilla.Streams.V1;

namespace Zilla.Streams.Tests.Frames;

public class FrameCodecTests
{
    private static readonly Batch EveryKind = new()
    {
        Frames =
        {
            new Frame { Hello = new Hello { Version = 1, Instance = "edge-http-0", StreamCredit = 262_144, LaneCredit = 1 } },
            new Frame { StreamId = 1, Begin = new Begin { Traceparent = "00-1", Kafka = new KafkaBeginEx { Topic = "t" } } },
            new Frame { StreamId = 300, Data = new Data { Payload = ByteString.CopyFromUtf8("hello"), Flags = 3, Kafka = new KafkaDataEx { Offset = 7 } } },
            new Frame { StreamId = 1, Flush = new Flush { Kafka = new KafkaFlushEx { Progress = ByteString.CopyFrom(1, 0) } } },
            new Frame { StreamId = 1, End = new End { Kafka = new KafkaEndEx() } },
            new Frame { StreamId = 1, Abort = new Abort { Cause = Cause.Internal, Message = "x" } },
            new Frame { StreamId = 1, Window = new Window { Credit = 65_536 } },
            new Frame { StreamId = 1, Reset = new Reset { Cause = Cause.Unavailable, Message = "y", RetryAfterMs = 1500 } },
            new Frame { StreamId = 1, Challenge = new Challenge() },
        },
    };

    [Fact]
    public void Write_DataFrame_IsTheseBytes()
    {
        var frame = new StreamFrame
        {
            Kind = FrameKind.Data,
            StreamId = 300,
            Payload = "hi"u8.ToArray(),
            Flags = DataFlags.Whole,
            ExtensionKind = ExtensionKind.Kafka,
            Extension = new byte[] { 0x10, 0x0E },
        };

        byte[] expected =
        [
            0x0A, 0x0F,                         // a frame of the batch, 15 bytes
            0x08, 0xAC, 0x02,                   // stream 300
            0x22, 0x0A,                         // DATA, 10 bytes
            0x0A, 0x02, (byte)'h', (byte)'i',   // payload
            0x10, 0x03,                         // INIT | FIN
            0x52, 0x02, 0x10, 0x0E,             // kafka: offset 7
        ];
        Assert.Equal(expected, Write([frame]));
    }

    [Fact]
    public void ReadAndWrite_AnyBatch_IsTheGeneratedCodesBytes() => Prop.ForAll(FrameGenerators.Batches, batch =>
    {
        var bytes = batch.ToByteArray();
        return TryRead(bytes, out var frames)
            && frames.Select(ToMessage).SequenceEqual(batch.Frames)
            && Write(frames).AsSpan().SequenceEqual(bytes);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Read_EveryKind_GivesItsFields()
    {
        Assert.True(TryRead(EveryKind.ToByteArray(), out var frames));

        Assert.Equal(
            [FrameKind.Hello, FrameKind.Begin, FrameKind.Data, FrameKind.Flush, FrameKind.End, FrameKind.Abort, FrameKind.Window, FrameKind.Reset, FrameKind.Challenge],
            frames.Select(f => f.Kind));
        Assert.Equal((300UL, DataFlags.Whole), (frames[2].StreamId, frames[2].Flags));
        Assert.Equal(65_536UL, frames[6].Credit);
        Assert.Equal((Cause.Unavailable, "y", TimeSpan.FromMilliseconds(1500)), (frames[7].Cause, frames[7].Message, frames[7].RetryAfter));
    }

    [Fact]
    public void Read_CutAnywhere_IsMalformedUnlessBetweenFrames()
    {
        var whole = EveryKind.ToByteArray();
        var boundaries = new HashSet<int> { 0 };
        foreach (var frame in EveryKind.Frames)
        {
            boundaries.Add(boundaries.Max() + new Batch { Frames = { frame } }.CalculateSize());
        }

        for (var cut = 0; cut <= whole.Length; cut++)
        {
            Assert.Equal(boundaries.Contains(cut), TryRead(whole[..cut], out _));
        }
    }

    [Fact]
    public void Read_MutatedInput_GivesAnOutcomeAndNeverThrows()
    {
        var whole = EveryKind.ToByteArray();
        for (var at = 0; at < whole.Length; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var mutated = whole.ToArray();
                mutated[at] ^= (byte)(1 << bit);
                Fuzz(mutated);
            }
        }

        Prop.ForAll<byte[]>(bytes => Fuzz(bytes)).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(new byte[] { 0x0A, 0x04, 0x52, 0x00, 0x52, 0x00 })]              // two kinds in one frame
    [InlineData(new byte[] { 0x0A, 0x06, 0x2A, 0x04, 0x52, 0x00, 0x52, 0x00 })]  // an extension twice
    [InlineData(new byte[] { 0x0A, 0x03, 0x2A, 0x04, 0x52 })]                    // a kind longer than its frame
    [InlineData(new byte[] { 0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F })]              // a length of 4 GiB
    [InlineData(new byte[] { 0x0B, 0x0C })]                                      // a group
    [InlineData(new byte[] { 0x00 })]                                            // field number 0
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01 })] // a varint of 11 bytes
    public void Read_NotABatch_IsMalformed(byte[] bytes)
    {
        Assert.False(TryRead(bytes, out _));
    }

    [Fact]
    public void Read_FieldsOfALaterVersion_ArePassedOver()
    {
        byte[] later =
        [
            0x10, 0x01,                                     // field 2 of the batch
            0x0A, 0x09, 0x08, 0x05, 0x98, 0x06, 0x01,       // frame: stream 5, field 99 varint
            0x42, 0x02, 0x08, 0x09,                         // WINDOW 9
            0x0A, 0x05, 0x08, 0x05, 0x6A, 0x01, 0x00,       // frame: stream 5, kind 13
        ];

        Assert.True(TryRead(later, out var frames));
        Assert.Equal([(FrameKind.Window, 5UL, 9UL), (FrameKind.None, 5UL, 0UL)], frames.Select(f => (f.Kind, f.StreamId, f.Credit)));
    }

    [Fact]
    public void ReadAndWrite_ManyDataFrames_AllocateNothing()
    {
        var frame = new StreamFrame { Kind = FrameKind.Data, StreamId = 9, Payload = new byte[256], Flags = DataFlags.Whole, ExtensionKind = ExtensionKind.Kafka, Extension = new byte[40] };
        var batch = new byte[FrameWriter.Measure(frame).Total * 100];
        RoundTrip(frame, batch);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var payload = RoundTrip(frame, batch);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(100 * 256, payload);
    }

    /// <summary>A target for a fuzzer: any input has an outcome, and what is read can be written and read again to the same end.</summary>
    internal static bool Fuzz(ReadOnlySpan<byte> input)
    {
        if (!TryRead(input.ToArray(), out var frames))
        {
            return true;
        }

        var known = frames.Where(f => f.Kind != FrameKind.None).ToList();
        return TryRead(Write(known), out var again) && again.Count == known.Count && again.Zip(known).All(p => Same(p.First, p.Second));
    }

    private static bool Same(in StreamFrame a, in StreamFrame b) =>
        (a.Kind, a.StreamId, a.Flags, a.ExtensionKind, a.Credit, a.Cause, a.Message, a.RetryAfter) == (b.Kind, b.StreamId, b.Flags, b.ExtensionKind, b.Credit, b.Cause, b.Message, b.RetryAfter)
        && a.Payload.Span.SequenceEqual(b.Payload.Span) && a.Extension.Span.SequenceEqual(b.Extension.Span);

    private static int RoundTrip(in StreamFrame frame, byte[] batch)
    {
        var size = FrameWriter.Measure(frame);
        for (var at = 0; at < batch.Length; at += size.Total)
        {
            FrameWriter.Write(frame, size, batch.AsSpan(at));
        }

        var payload = 0;
        var reader = new FrameReader(batch);
        while (reader.Read(out var read) == FrameReadOutcome.Frame)
        {
            payload += read.Payload.Length;
        }

        return payload;
    }

    private static byte[] Write(IEnumerable<StreamFrame> frames)
    {
        var batch = new MemoryStream();
        foreach (var frame in frames)
        {
            var size = FrameWriter.Measure(frame);
            var bytes = new byte[size.Total];
            FrameWriter.Write(frame, size, bytes);
            batch.Write(bytes);
        }

        return batch.ToArray();
    }

    private static bool TryRead(byte[] bytes, out List<StreamFrame> frames)
    {
        frames = [];
        var reader = new FrameReader(bytes);
        while (true)
        {
            var outcome = reader.Read(out var frame);
            if (outcome != FrameReadOutcome.Frame)
            {
                return outcome == FrameReadOutcome.EndOfBatch;
            }

            frames.Add(frame);
        }
    }

    private static Frame ToMessage(StreamFrame frame)
    {
        var (payload, extension, extended) = (frame.Payload.ToArray(), frame.Extension.ToArray(), frame.ExtensionKind == ExtensionKind.Kafka);
        var message = new Frame { StreamId = frame.StreamId };
        switch (frame.Kind)
        {
            case FrameKind.Hello:
                message.Hello = Hello.Parser.ParseFrom(payload);
                break;
            case FrameKind.Begin:
                message.Begin = Begin.Parser.ParseFrom(payload);
                break;
            case FrameKind.Data:
                message.Data = new Data { Payload = ByteString.CopyFrom(payload), Flags = (uint)frame.Flags, Kafka = extended ? KafkaDataEx.Parser.ParseFrom(extension) : null };
                break;
            case FrameKind.Flush:
                message.Flush = new Flush { Kafka = extended ? KafkaFlushEx.Parser.ParseFrom(extension) : null };
                break;
            case FrameKind.End:
                message.End = new End { Kafka = extended ? KafkaEndEx.Parser.ParseFrom(extension) : null };
                break;
            case FrameKind.Abort:
                message.Abort = new Abort { Cause = frame.Cause, Message = frame.Message };
                break;
            case FrameKind.Window:
                message.Window = new Window { Credit = frame.Credit };
                break;
            case FrameKind.Reset:
                message.Reset = new Reset { Cause = frame.Cause, Message = frame.Message, RetryAfterMs = (uint)frame.RetryAfter.TotalMilliseconds };
                break;
            case FrameKind.Challenge:
                message.Challenge = new Challenge();
                break;
        }

        return message;
    }
}
