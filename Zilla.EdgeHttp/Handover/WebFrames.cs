using System.Buffers;
using System.Buffers.Binary;
using Zilla.Edge.Calls;

namespace Zilla.EdgeHttp.Handover;

/// <summary>Follows the frames of an answer in gRPC-Web as they go by, in whatever pieces, to know whether its end can be put behind them.</summary>
/// <param name="isText">In Base64.</param>
internal sealed class WebFrames(bool isText)
{
    private readonly byte[] _prefix = new byte[MessageFrame.PrefixLength];
    private readonly byte[] _group = new byte[WebText.Group];
    private readonly ArrayBufferWriter<byte> _decoded = new();
    private int _prefixed;
    private int _grouped;
    private uint _left;
    private bool _isBroken;
    private bool _isLast;

    /// <summary>What has gone by ends with a frame, and not with the last one.</summary>
    public bool TakesAnother => IsWhole && !_isLast;

    /// <summary>The last one, which has the trailers, has gone by.</summary>
    public bool HasEnded => IsWhole && _isLast;

    private bool IsWhole => _prefixed == 0 && _left == 0 && _grouped == 0 && !_isBroken;

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

        var text = piece;
        if (_grouped > 0)
        {
            // The rest of a group that the piece before has begun.
            var rest = text.Slice(0, Math.Min(WebText.Group - _grouped, text.Length));
            rest.CopyTo(_group.AsSpan(_grouped));
            _grouped += (int)rest.Length;
            text = text.Slice(rest.Length);
            if (_grouped < WebText.Group)
            {
                return;
            }

            var group = new ReadOnlySequence<byte>(_group);
            Decode(ref group);
            _grouped = 0;
        }

        Decode(ref text);
        if (!_isBroken)
        {
            text.CopyTo(_group);
            _grouped = (int)text.Length;
        }
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

    /// <summary>What is not Base64 has no end that anything could be put behind: nothing that follows is looked at.</summary>
    private void Decode(ref ReadOnlySequence<byte> text)
    {
        if (_isBroken)
        {
            return;
        }

        _decoded.ResetWrittenCount();
        _isBroken = !WebText.TryDecode(ref text, _decoded);
        Follow(_decoded.WrittenSpan);
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
