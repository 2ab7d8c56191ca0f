using System.Buffers;
using System.Buffers.Binary;
using Zilla.Edge.Calls;

namespace Zilla.EdgeHttp.Handover;

/// <summary>Follows the frames of an answer in gRPC-Web as they go by, in whatever pieces, to know whether its end can be put behind them.</summary>
/// <param name="isText">In Base64.</param>
internal sealed class WebFrames(bool isText)
{
    private readonly byte[] _prefix = new byte[MessageFrame.PrefixLength];
    private int _prefixed;
    private uint _left;
    private byte[] _text = [];
    private bool _isBroken;
    private bool _isLast;

    /// <summary>What has gone by ends with a frame, and not with the last one.</summary>
    public bool TakesAnother => IsWhole && !_isLast;

    /// <summary>The last one, which has the trailers, has gone by.</summary>
    public bool HasEnded => IsWhole && _isLast;

    private bool IsWhole => _prefixed == 0 && _left == 0 && _text.Length == 0 && !_isBroken;

    public void Pass(in ReadOnlySequence<byte> piece)
    {
        if (!isText)
        {
            foreach (var memory in piece)
            {
                Follow(memory.Span);
            }

            return;
        }

        var text = new ReadOnlySequence<byte>([.. _text, .. piece.ToArray()]);
        var decoded = new ArrayBufferWriter<byte>();
        _isBroken |= !WebText.TryDecode(ref text, decoded);
        _text = text.ToArray();
        Follow(decoded.WrittenSpan);
    }

    /// <summary>The last frame: the trailers of a call that has that status.</summary>
    public void End(IBufferWriter<byte> body, Status status)
    {
        if (!isText)
        {
            WebTrailers.Write(body, status.Fields);
            return;
        }

        var frame = new ArrayBufferWriter<byte>();
        WebTrailers.Write(frame, status.Fields);
        WebText.Encode(frame.WrittenSpan, body);
    }

    private void Follow(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_left > 0)
            {
                var skipped = (int)Math.Min(_left, (uint)bytes.Length);
                _left -= (uint)skipped;
                bytes = bytes[skipped..];
                continue;
            }

            var taken = Math.Min(_prefix.Length - _prefixed, bytes.Length);
            bytes[..taken].CopyTo(_prefix.AsSpan(_prefixed));
            _prefixed += taken;
            bytes = bytes[taken..];
            if (_prefixed == _prefix.Length)
            {
                (_prefixed, _left, _isLast) = (0, BinaryPrimitives.ReadUInt32BigEndian(_prefix.AsSpan(1)), (_prefix[0] & MessageFrame.Trailers) != 0);
            }
        }
    }
}
