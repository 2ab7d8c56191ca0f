namespace Zilla.Streams.Protobuf;

/// <summary>
/// Walks the fields of one encoded message. Every method gives false for input that no encoder writes (cut short, a varint without an end,
/// a length beyond the message), and then the message is refused; none throws.
/// </summary>
/// <remarks>
/// <code>
/// message = field*        field = tag value        tag = varint(number &lt;&lt; 3 | wire)
/// wire 0 VARINT: 1..10 bytes, 7 bits each, low first   1 I64: 8 bytes   2 LEN: varint(length) bytes   5 I32: 4 bytes
/// </code>
/// Groups (wire 3 and 4) belong to proto2 and are refused. https://protobuf.dev/programming-guides/encoding/
/// </remarks>
internal ref struct ProtoReader(ReadOnlySpan<byte> message, int position = 0)
{
    public const int Varint = 0;
    public const int Fixed64 = 1;
    public const int Length = 2;
    public const int Fixed32 = 5;

    private readonly ReadOnlySpan<byte> _message = message;
    private int _position = position;

    public readonly int Position => _position;
    public readonly bool AtEnd => _position == _message.Length;

    public bool TryReadTag(out uint tag)
    {
        // All tags of our own fields fit one byte.
        if (_position < _message.Length && _message[_position] is var first and < 0x80)
        {
            tag = first;
            _position++;
            return tag >= 8;
        }

        var read = TryReadVarint(out var value);
        tag = (uint)value;
        return read && value is >= 8 and <= uint.MaxValue;
    }

    public bool TryReadVarint(out ulong value)
    {
        var span = _message;
        var position = _position;
        value = 0;
        for (var shift = 0; shift < 64 && position < span.Length; shift += 7)
        {
            var next = span[position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                _position = position;
                return shift < 63 || next <= 1;
            }
        }

        return false;
    }

    /// <summary>As protobuf has it for 32-bit fields: what lies above bit 31 is dropped.</summary>
    public bool TryReadVarint32(out uint value)
    {
        var read = TryReadVarint(out var wide);
        value = (uint)wide;
        return read;
    }

    public bool TryReadSigned32(out int value)
    {
        var read = TryReadVarint32(out var raw);
        value = (int)(raw >> 1) ^ -(int)(raw & 1);
        return read;
    }

    public bool TryReadSigned64(out long value)
    {
        var read = TryReadVarint(out var raw);
        value = (long)(raw >> 1) ^ -(long)(raw & 1);
        return read;
    }

    /// <summary>The place of a LEN field's bytes in the message; the reader moves behind them.</summary>
    public bool TryReadLength(out int start, out int length)
    {
        if (TryReadVarint(out var value) && value <= (ulong)(_message.Length - _position))
        {
            start = _position;
            length = (int)value;
            _position += length;
            return true;
        }

        start = length = 0;
        return false;
    }

    /// <summary>Passes over a field that this version does not know.</summary>
    public bool TrySkip(uint tag)
    {
        switch (tag & 7)
        {
            case Varint:
                return TryReadVarint(out _);
            case Length:
                return TryReadLength(out _, out _);
            case Fixed32:
                return TryAdvance(4);
            case Fixed64:
                return TryAdvance(8);
            default:
                return false;
        }
    }

    private bool TryAdvance(int count)
    {
        if (_message.Length - _position < count)
        {
            return false;
        }

        _position += count;
        return true;
    }
}
