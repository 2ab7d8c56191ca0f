using System.Buffers.Binary;
using System.Text;

namespace Zilla.KafkaCache.Sessions.Records;

/// <summary>
/// Reads what the reference's records are made of. Every method gives false where the bytes end too early or are not what they should be; then the record is none.
/// </summary>
/// <remarks>
/// <code>
/// number │ little-endian, as wide as its type
/// text   │ length:2, FFFF = null │ UTF-8
/// binary │ length:4, -1 = null │ bytes
/// list   │ bytes from here on:4 │ items:4 │ item …
/// </code>
/// </remarks>
internal ref struct ReferenceReader(ReadOnlySpan<byte> record)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = record;

    public readonly bool AtEnd => _rest.IsEmpty;

    public readonly int Left => _rest.Length;

    public bool TryReadByte(out byte value)
    {
        value = _rest.IsEmpty ? (byte)0 : _rest[0];
        return TrySkip(1);
    }

    public bool TryReadUInt16(out ushort value)
    {
        _ = BinaryPrimitives.TryReadUInt16LittleEndian(_rest, out value);
        return TrySkip(2);
    }

    public bool TryReadInt32(out int value)
    {
        _ = BinaryPrimitives.TryReadInt32LittleEndian(_rest, out value);
        return TrySkip(4);
    }

    public bool TryReadInt64(out long value)
    {
        _ = BinaryPrimitives.TryReadInt64LittleEndian(_rest, out value);
        return TrySkip(8);
    }

    /// <summary>Null is a value here.</summary>
    public bool TryReadText(out string? text)
    {
        text = null;
        if (!TryReadUInt16(out var length))
        {
            return false;
        }

        if (length == ushort.MaxValue)
        {
            return true;
        }

        if (!TryReadBytes(length, out var bytes))
        {
            return false;
        }

        try
        {
            text = Strict.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    /// <summary>Null is a value here.</summary>
    public bool TryReadBinary(out byte[]? bytes)
    {
        bytes = null;
        if (!TryReadInt32(out var length))
        {
            return false;
        }

        if (length == -1)
        {
            return true;
        }

        var read = TryReadBytes(length, out var span);
        bytes = span.ToArray();
        return read;
    }

    public bool TryReadBytes(int length, out ReadOnlySpan<byte> bytes)
    {
        if (length < 0 || length > _rest.Length)
        {
            bytes = default;
            return false;
        }

        bytes = _rest[..length];
        _rest = _rest[length..];
        return true;
    }

    /// <summary>Gives a reader of the list's items. There are never more of them than bytes.</summary>
    public bool TryReadList(out int count, out ReferenceReader items)
    {
        items = default;
        if (!TryReadInt32(out var length) || !TryReadInt32(out count) || count < 0 || !TryReadBytes(length - 4, out var bytes) || count > bytes.Length)
        {
            count = 0;
            return false;
        }

        items = new(bytes);
        return true;
    }

    private bool TrySkip(int length) => TryReadBytes(length, out _);
}
