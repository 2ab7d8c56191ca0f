using System.Buffers.Binary;

namespace Zilla.Load.Grpc;

/// <summary>Finds the messages in what comes of one response's body, in whatever pieces it comes, and gives the beginning of each.</summary>
internal sealed class MessageScanner
{
    private const int PrefixLength = 5;

    /// <summary>Of a message only this much is looked at: tag and length of its field, and the time.</summary>
    public const int Needed = 6 + Payload.TimeOffset + Payload.TimeLength;

    private readonly byte[] _head = new byte[PrefixLength + Needed];
    private int _headLength;
    private long _rest;

    /// <summary>Takes a piece off its front; true when a message is complete, whose beginning is <see cref="Head"/> then. False: the piece is used up.</summary>
    /// <exception cref="InvalidDataException">A message is compressed, which nobody asked for.</exception>
    public bool TryTake(ref ReadOnlySpan<byte> piece)
    {
        if (_headLength >= PrefixLength && _rest == 0)
        {
            _headLength = 0;
        }

        Fill(ref piece, PrefixLength);
        if (_headLength < PrefixLength)
        {
            return false;
        }

        if (_headLength == PrefixLength && _rest == 0)
        {
            _rest = _head[0] == 0 ? BinaryPrimitives.ReadUInt32BigEndian(_head.AsSpan(1)) : throw new InvalidDataException("A message is compressed.");
        }

        var before = _headLength;
        Fill(ref piece, (int)Math.Min(_head.Length, _headLength + _rest));
        _rest -= _headLength - before;
        var passed = (int)Math.Min(_rest, piece.Length);
        piece = piece[passed..];
        _rest -= passed;
        return _rest == 0;
    }

    public ReadOnlySpan<byte> Head => _head.AsSpan(PrefixLength.._headLength);

    private void Fill(ref ReadOnlySpan<byte> piece, int length)
    {
        var count = Math.Clamp(length - _headLength, 0, piece.Length);
        piece[..count].CopyTo(_head.AsSpan(_headLength));
        piece = piece[count..];
        _headLength += count;
    }
}
