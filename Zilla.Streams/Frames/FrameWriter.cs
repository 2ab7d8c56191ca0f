using System.Text;
using Zilla.Streams.Protobuf;

namespace Zilla.Streams.Frames;

/// <summary>
/// Writes one frame of a <c>Batch</c>, byte for byte as the generated code does. A batch is its frames one behind the other, so a batch
/// grows by appending.
/// </summary>
/// <remarks>
/// <code>
/// 0A length ─┬─ 08 id (not for 0)
///            └─ kind length ─┬─ DATA      22: 0A length payload │ 10 flags │ 52 length kafka
///                            ├─ FLUSH     2A: 52 length kafka       END 32: the same
///                            ├─ ABORT     3A: 08 cause │ 12 length message
///                            ├─ RESET     4A: the same │ 18 retry after, ms
///                            ├─ WINDOW    42: 08 credit             CHALLENGE 52: empty
///                            └─ HELLO 12, BEGIN 1A: the generated message as it is (in <see cref="StreamFrame.Payload"/>)
/// </code>
/// </remarks>
internal static class FrameWriter
{
    /// <summary>The size of the frame in its batch; to be passed on to <see cref="Write"/>.</summary>
    public static FrameSize Measure(in StreamFrame frame)
    {
        var body = BodySize(frame);
        var content = (frame.StreamId == 0 ? 0 : 1 + ProtoWriter.VarintSize(frame.StreamId)) + 1 + ProtoWriter.LengthSize(body);
        return new(body, content, 1 + ProtoWriter.LengthSize(content));
    }

    public static void Write(in StreamFrame frame, FrameSize size, Span<byte> destination)
    {
        var writer = new ProtoWriter(destination[..size.Total]);
        writer.WriteVarintField(FrameTags.BatchFrames, (uint)size.Content);
        if (frame.StreamId != 0)
        {
            writer.WriteVarintField(FrameTags.StreamId, frame.StreamId);
        }

        writer.WriteVarintField(FrameTags.Of(frame.Kind), (uint)size.Body);
        switch (frame.Kind)
        {
            case FrameKind.Hello or FrameKind.Begin:
                writer.WriteBytes(frame.Payload.Span);
                break;
            case FrameKind.Data:
                WriteData(ref writer, frame);
                break;
            case FrameKind.Flush or FrameKind.End:
                WriteExtension(ref writer, frame);
                break;
            case FrameKind.Window:
                WriteVarint(ref writer, FrameTags.WindowCredit, frame.Credit);
                break;
            case FrameKind.Abort or FrameKind.Reset:
                WriteReason(ref writer, frame);
                break;
        }
    }

    private static int BodySize(in StreamFrame frame) => frame.Kind switch
    {
        FrameKind.Hello or FrameKind.Begin => frame.Payload.Length,
        FrameKind.Data => (frame.Payload.IsEmpty ? 0 : 1 + ProtoWriter.LengthSize(frame.Payload.Length)) + (frame.Flags == 0 ? 0 : 2) + ExtensionSize(frame),
        FrameKind.Flush or FrameKind.End => ExtensionSize(frame),
        FrameKind.Window => VarintSize(frame.Credit),
        FrameKind.Abort or FrameKind.Reset => VarintSize((ulong)frame.Cause) + MessageSize(frame.Message)
            + (frame.Kind == FrameKind.Reset ? VarintSize(RetryAfter(frame)) : 0),
        _ => 0,
    };

    private static int ExtensionSize(in StreamFrame frame) => frame.ExtensionKind == ExtensionKind.None ? 0 : 1 + ProtoWriter.LengthSize(frame.Extension.Length);

    private static int VarintSize(ulong value) => value == 0 ? 0 : 1 + ProtoWriter.VarintSize(value);

    private static int MessageSize(string? message) => string.IsNullOrEmpty(message) ? 0 : 1 + ProtoWriter.LengthSize(Encoding.UTF8.GetByteCount(message));

    private static uint RetryAfter(in StreamFrame frame) => (uint)Math.Clamp(frame.RetryAfter.TotalMilliseconds, 0, uint.MaxValue);

    private static void WriteData(ref ProtoWriter writer, in StreamFrame frame)
    {
        if (!frame.Payload.IsEmpty)
        {
            writer.WriteLengthField(FrameTags.DataPayload, frame.Payload.Span);
        }

        WriteVarint(ref writer, FrameTags.DataFlags, (ulong)frame.Flags);
        WriteExtension(ref writer, frame);
    }

    private static void WriteExtension(ref ProtoWriter writer, in StreamFrame frame)
    {
        if (frame.ExtensionKind != ExtensionKind.None)
        {
            writer.WriteLengthField(FrameTags.Of(frame.ExtensionKind), frame.Extension.Span);
        }
    }

    private static void WriteReason(ref ProtoWriter writer, in StreamFrame frame)
    {
        WriteVarint(ref writer, FrameTags.Cause, (ulong)frame.Cause);
        if (!string.IsNullOrEmpty(frame.Message))
        {
            writer.WriteLengthField(FrameTags.Message, Encoding.UTF8.GetBytes(frame.Message));
        }

        if (frame.Kind == FrameKind.Reset)
        {
            WriteVarint(ref writer, FrameTags.RetryAfter, RetryAfter(frame));
        }
    }

    private static void WriteVarint(ref ProtoWriter writer, byte tag, ulong value)
    {
        if (value != 0)
        {
            writer.WriteVarintField(tag, value);
        }
    }
}

/// <summary>Bytes of a frame's kind message, of the frame, and of the frame with its tag and length in the batch.</summary>
internal readonly record struct FrameSize(int Body, int Content, int Total);
