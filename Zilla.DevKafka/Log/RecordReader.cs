namespace Zilla.DevKafka.Log;

/// <summary>
/// Walks the uncompressed records of a batch. All numbers are zigzag varints.
/// <code>
/// length | attributes: int8 | timestamp delta | offset delta | key length (-1 = null) | key | value length (-1 = null) | value
///        | header count | { name length | name | value length (-1 = null) | value }*
/// </code>
/// </summary>
internal struct RecordReader(ReadOnlyMemory<byte> records)
{
    private ReadOnlyMemory<byte> _rest = records;

    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>Reads the next record; false when what is there is no whole, well-formed record.</summary>
    public bool TryRead(out Record record)
    {
        record = default;
        if (!TryVarint(ref _rest, out var length) || length < 1 || length > _rest.Length)
        {
            return false;
        }

        var body = _rest[1..(int)length];
        _rest = _rest[(int)length..];
        if (!TryVarint(ref body, out var timestampDelta)
            || !TryVarint(ref body, out var offsetDelta) || offsetDelta is < 0 or > int.MaxValue
            || !TryBytes(ref body, out var key)
            || !TryBytes(ref body, out var value))
        {
            return false;
        }

        var headers = body;
        if (!TryVarint(ref body, out var count) || count < 0 || count > body.Length)
        {
            return false;
        }

        for (; count > 0; count--)
        {
            if (!TryBytes(ref body, out var name) || name is null || !TryBytes(ref body, out _))
            {
                return false;
            }
        }

        record = new Record((int)offsetDelta, timestampDelta, key, value, headers);
        return body.IsEmpty;
    }

    private static bool TryBytes(ref ReadOnlyMemory<byte> source, out ReadOnlyMemory<byte>? bytes)
    {
        bytes = null;
        if (!TryVarint(ref source, out var length) || length < -1 || length > source.Length)
        {
            return false;
        }

        if (length >= 0)
        {
            bytes = source[..(int)length];
            source = source[(int)length..];
        }

        return true;
    }

    private static bool TryVarint(ref ReadOnlyMemory<byte> source, out long value)
    {
        value = 0;
        ulong raw = 0;
        var span = source.Span;
        for (var i = 0; i < span.Length && i < 10; i++)
        {
            raw |= (ulong)(span[i] & 0x7F) << (7 * i);
            if (span[i] < 0x80)
            {
                value = (long)(raw >> 1) ^ -(long)(raw & 1);
                source = source[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
