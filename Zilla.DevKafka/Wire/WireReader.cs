using System.Buffers.Binary;
using System.Text;

namespace Zilla.DevKafka.Wire;

/// <summary>
/// Reads the protocol's primitives from one whole request. In flexible versions strings, bytes and arrays are "compact" (an unsigned varint
/// of length + 1, 0 = null) and structures end in tagged fields; the reader hides the difference. Whatever reads past the end is a
/// <see cref="ProtocolException"/>; no count is believed before that many elements could be there.
/// </summary>
internal sealed class WireReader(ReadOnlyMemory<byte> request)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false);

    private int _position;

    public bool Flexible { get; set; }

    public int Remaining => request.Length - _position;

    public sbyte Int8() => (sbyte)Take(1)[0];

    public bool Bool() => Take(1)[0] != 0;

    public short Int16() => BinaryPrimitives.ReadInt16BigEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    public long Int64() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    public Guid Uuid() => new(Take(16), bigEndian: true);

    public uint UnsignedVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value <= uint.MaxValue ? (uint)value : throw new ProtocolException("a varint exceeds 32 bits");
            }
        }

        throw new ProtocolException("a varint does not end");
    }

    public string? NullableString()
    {
        var length = Flexible ? CompactLength() : Int16();
        return length < 0 ? null : Utf8.GetString(Take(length));
    }

    public string String() => NullableString() ?? throw new ProtocolException("a string that must not be null is null");

    /// <summary>The client id of the header, which stays in the old form in every version.</summary>
    public string? LegacyNullableString()
    {
        var length = Int16();
        return length < 0 ? null : Utf8.GetString(Take(length));
    }

    /// <summary>A slice of the request, valid as long as the request is.</summary>
    public ReadOnlyMemory<byte>? NullableBytes()
    {
        var length = Flexible ? CompactLength() : Int32();
        if (length < 0)
        {
            return null;
        }

        Take(length);
        return request.Slice(_position - length, length);
    }

    public ReadOnlyMemory<byte> Bytes() => NullableBytes() ?? throw new ProtocolException("bytes that must not be null are null");

    /// <summary>Reads an array, null when the sender sent null. No element is shorter than one byte, so a count above the rest is a lie.</summary>
    public List<T>? NullableArray<T>(Func<WireReader, T> element)
    {
        var count = Flexible ? CompactLength() : Int32();
        if (count < 0)
        {
            return null;
        }

        if (count > Remaining)
        {
            throw new ProtocolException("an array is longer than its request");
        }

        var list = new List<T>(Math.Min(count, 64));
        for (var i = 0; i < count; i++)
        {
            list.Add(element(this));
        }

        return list;
    }

    public List<T> Array<T>(Func<WireReader, T> element) => NullableArray(element) ?? [];

    /// <summary>Skips the tagged fields at the end of a structure; nothing in versions that have none.</summary>
    public void Tags()
    {
        if (!Flexible)
        {
            return;
        }

        for (var left = UnsignedVarint(); left > 0; left--)
        {
            _ = UnsignedVarint();
            var size = UnsignedVarint();
            Take(size > int.MaxValue ? throw new ProtocolException("a tagged field is longer than its request") : (int)size);
        }
    }

    private int CompactLength()
    {
        var length = UnsignedVarint();
        return length > int.MaxValue ? throw new ProtocolException("a length is out of range") : (int)length - 1;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > Remaining)
        {
            throw new ProtocolException("the request ends before its last field");
        }

        _position += count;
        return request.Span.Slice(_position - count, count);
    }
}
