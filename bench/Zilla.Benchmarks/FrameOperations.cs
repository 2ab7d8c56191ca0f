using Zilla.Streams.Frames;

namespace Zilla.Benchmarks;

/// <summary>The frame codec, on batches as a loaded lane has them.</summary>
internal static class FrameOperations
{
    private const int Frames = 200;

    public static IEnumerable<Operation> All()
    {
        var frame = new StreamFrame { Kind = FrameKind.Data, StreamId = 4711, Flags = DataFlags.Whole, Payload = new byte[256], ExtensionKind = ExtensionKind.Kafka, Extension = new byte[32] };
        var batch = new byte[Frames * FrameWriter.Measure(frame).Total];
        yield return new("frames: write a batch of 200", () => Write(frame, batch));
        yield return new("frames: read a batch of 200", () => Read(batch));
    }

    private static long Write(in StreamFrame frame, byte[] batch)
    {
        var position = 0;
        for (var i = 0; i < Frames; i++)
        {
            var size = FrameWriter.Measure(frame);
            FrameWriter.Write(frame, size, batch.AsSpan(position));
            position += size.Total;
        }

        return position;
    }

    private static long Read(byte[] batch)
    {
        var reader = new FrameReader(batch);
        var bytes = 0L;
        while (reader.Read(out var frame) == FrameReadOutcome.Frame)
        {
            bytes += frame.Payload.Length;
        }

        return bytes;
    }
}
