using System.Buffers.Binary;

namespace Zilla.EdgeMqtt.Packets;

/// <summary>Walks along encoded properties: after each <see cref="MoveNext"/> one property, by its identifier.</summary>
/// <remarks>
/// <code>
/// │ identifier │ 1, 2, 4 bytes │ variable byte integer │ length:2 bytes │ length:2 name length:2 value │
/// </code>
/// The identifier is a variable byte integer; all that exist take one byte.
/// </remarks>
internal ref struct PropertyCursor(ReadOnlySpan<byte> encoded)
{
    private readonly ReadOnlySpan<byte> _encoded = encoded;
    private int _next;

    public PropertyId Id { get; private set; }

    public PropertyRule Rule { get; private set; }

    /// <summary>The value of the four types of numbers.</summary>
    public uint Number { get; private set; }

    /// <summary>Where text, binary data or a pair's name lies.</summary>
    public Range First { get; private set; }

    /// <summary>Where a pair's value lies.</summary>
    public Range Second { get; private set; }

    /// <summary>It stopped because what follows is no property.</summary>
    public bool IsMalformed { get; private set; }

    public bool MoveNext()
    {
        if (_next == _encoded.Length || IsMalformed)
        {
            return false;
        }

        Id = (PropertyId)_encoded[_next++];
        Rule = PropertyRule.Of(Id);
        IsMalformed = Rule.Places == 0 || !TryReadValue(_encoded[_next..]);
        return !IsMalformed;
    }

    private bool TryReadValue(ReadOnlySpan<byte> rest)
    {
        switch (Rule.Type)
        {
            case PropertyType.Byte when rest.Length >= 1:
                Number = rest[0];
                _next += 1;
                return true;
            case PropertyType.TwoByteInteger when rest.Length >= 2:
                Number = BinaryPrimitives.ReadUInt16BigEndian(rest);
                _next += 2;
                return true;
            case PropertyType.FourByteInteger when rest.Length >= 4:
                Number = BinaryPrimitives.ReadUInt32BigEndian(rest);
                _next += 4;
                return true;
            case PropertyType.VariableByteInteger:
                var size = VariableByteInteger.Read(rest, out var number);
                Number = number;
                _next += Math.Max(0, size);
                return size > 0 && size == VariableByteInteger.Size(number);
            case PropertyType.String or PropertyType.Binary:
                First = ReadLength(out var whole);
                return whole;
            case PropertyType.StringPair:
                First = ReadLength(out var name);
                Second = name ? ReadLength(out whole) : default;
                return name && Second.End.Value > 0;
            default:
                return false;
        }
    }

    private Range ReadLength(out bool isWhole)
    {
        isWhole = _encoded.Length - _next >= 2;
        if (!isWhole)
        {
            return default;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(_encoded[_next..]);
        var start = _next + 2;
        isWhole = _encoded.Length - start >= length;
        _next = isWhole ? start + length : _next;
        return isWhole ? start..(start + length) : default;
    }
}
