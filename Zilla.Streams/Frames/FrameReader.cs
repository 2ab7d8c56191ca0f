using System.Text;
using Zilla.Streams.Protobuf;
using Zilla.Streams.V1;

namespace Zilla.Streams.Frames;

internal enum FrameReadOutcome
{
    /// <summary>A frame was read.</summary>
    Frame,

    /// <summary>The batch has no more frames.</summary>
    EndOfBatch,

    /// <summary>What follows is not a frame; the lane cannot go on.</summary>
    Malformed,
}

/// <summary>
/// Reads the frames of one <c>Batch</c> as slices of it; see <see cref="FrameWriter"/> for the picture. Fields and kinds of later versions are
/// passed over (an unknown kind gives <see cref="FrameKind.None"/>). Stricter than protobuf in one thing: a message field that stands twice
/// is malformed instead of merged, which no encoder writes.
/// </summary>
internal ref struct FrameReader(ReadOnlyMemory<byte> batch)
{
    private readonly ReadOnlyMemory<byte> _batch = batch;
    private readonly ReadOnlySpan<byte> _span = batch.Span;
    private int _position;

    public FrameReadOutcome Read(out StreamFrame frame)
    {
        frame = default;
        var reader = new ProtoReader(_span, _position);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadTag(out var tag))
            {
                return FrameReadOutcome.Malformed;
            }

            if (tag == FrameTags.BatchFrames)
            {
                var sound = reader.TryReadLength(out var start, out var length) && TryReadFrame(start, start + length, out frame);
                _position = reader.Position;
                return sound ? FrameReadOutcome.Frame : FrameReadOutcome.Malformed;
            }

            if (!reader.TrySkip(tag))
            {
                return FrameReadOutcome.Malformed;
            }
        }

        _position = reader.Position;
        return FrameReadOutcome.EndOfBatch;
    }

    private readonly bool TryReadFrame(int start, int end, out StreamFrame frame)
    {
        frame = default;
        var (id, kind, bodyStart, bodyLength) = (0UL, FrameKind.None, 0, 0);
        var reader = new ProtoReader(_span[..end], start);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadTag(out var tag))
            {
                return false;
            }

            if (tag == FrameTags.StreamId)
            {
                if (!reader.TryReadVarint(out id))
                {
                    return false;
                }
            }
            else if ((tag & 7) == ProtoReader.Length && tag >> 3 is >= (int)FrameKind.Hello and <= (int)FrameKind.Challenge)
            {
                if (kind != FrameKind.None || !reader.TryReadLength(out bodyStart, out bodyLength))
                {
                    return false;
                }

                kind = (FrameKind)(tag >> 3);
            }
            else if (!reader.TrySkip(tag))
            {
                return false;
            }
        }

        var bodyEnd = bodyStart + bodyLength;
        switch (kind)
        {
            case FrameKind.Data:
                return TryReadData(id, bodyStart, bodyEnd, out frame);
            case FrameKind.Flush or FrameKind.End or FrameKind.Begin:
                return TryReadExtended(kind, id, bodyStart, bodyEnd, out frame);
            case FrameKind.Window or FrameKind.Abort or FrameKind.Reset:
                return TryReadReason(kind, id, bodyStart, bodyEnd, out frame);
            default:
                frame = new() { Kind = kind, StreamId = id, Payload = kind == FrameKind.Hello ? _batch.Slice(bodyStart, bodyLength) : default };
                return true;
        }
    }

    private readonly bool TryReadData(ulong id, int start, int end, out StreamFrame frame)
    {
        frame = default;
        var (payloadStart, payloadLength, flags, kind, extensionStart, extensionLength) = (0, 0, 0U, ExtensionKind.None, 0, 0);
        var reader = new ProtoReader(_span[..end], start);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadTag(out var tag))
            {
                return false;
            }

            var sound = tag switch
            {
                FrameTags.DataPayload => reader.TryReadLength(out payloadStart, out payloadLength),
                FrameTags.DataFlags => reader.TryReadVarint32(out flags),
                _ => TryReadExtension(ref reader, tag, ref kind, ref extensionStart, ref extensionLength),
            };
            if (!sound)
            {
                return false;
            }
        }

        frame = new()
        {
            Kind = FrameKind.Data,
            StreamId = id,
            Payload = _batch.Slice(payloadStart, payloadLength),
            Flags = (DataFlags)(flags & 7),
            ExtensionKind = kind,
            Extension = _batch.Slice(extensionStart, extensionLength),
        };
        return true;
    }

    private readonly bool TryReadExtended(FrameKind frameKind, ulong id, int start, int end, out StreamFrame frame)
    {
        frame = default;
        var (kind, extensionStart, extensionLength) = (ExtensionKind.None, 0, 0);
        var reader = new ProtoReader(_span[..end], start);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadTag(out var tag) || !TryReadExtension(ref reader, tag, ref kind, ref extensionStart, ref extensionLength))
            {
                return false;
            }
        }

        frame = new()
        {
            Kind = frameKind,
            StreamId = id,
            Payload = frameKind == FrameKind.Begin ? _batch[start..end] : default,
            ExtensionKind = kind,
            Extension = _batch.Slice(extensionStart, extensionLength),
        };
        return true;
    }

    private readonly bool TryReadReason(FrameKind kind, ulong id, int start, int end, out StreamFrame frame)
    {
        frame = default;
        var (number, messageStart, messageLength, retryAfter) = (0UL, 0, 0, 0U);
        var reader = new ProtoReader(_span[..end], start);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadTag(out var tag))
            {
                return false;
            }

            // WINDOW's credit and the causes share field 1; the rest is not in WINDOW.
            var sound = (tag, kind) switch
            {
                (FrameTags.Cause, _) => reader.TryReadVarint(out number),
                (FrameTags.Message, not FrameKind.Window) => reader.TryReadLength(out messageStart, out messageLength),
                (FrameTags.RetryAfter, FrameKind.Reset) => reader.TryReadVarint32(out retryAfter),
                _ => reader.TrySkip(tag),
            };
            if (!sound)
            {
                return false;
            }
        }

        frame = kind == FrameKind.Window ? new() { Kind = kind, StreamId = id, Credit = number } : new()
        {
            Kind = kind,
            StreamId = id,
            Cause = (Cause)(int)number,
            Message = Encoding.UTF8.GetString(_span.Slice(messageStart, messageLength)),
            RetryAfter = TimeSpan.FromMilliseconds(retryAfter),
        };
        return true;
    }

    private static bool TryReadExtension(ref ProtoReader reader, uint tag, ref ExtensionKind kind, ref int start, ref int length)
    {
        if ((tag & 7) != ProtoReader.Length || tag >> 3 is < (uint)ExtensionKind.Kafka or > (uint)ExtensionKind.Work)
        {
            return reader.TrySkip(tag);
        }

        if (kind != ExtensionKind.None)
        {
            return false;
        }

        kind = (ExtensionKind)(tag >> 3);
        return reader.TryReadLength(out start, out length);
    }
}
