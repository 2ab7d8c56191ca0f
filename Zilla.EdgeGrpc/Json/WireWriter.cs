using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;

namespace Zilla.EdgeGrpc.Json;

/// <summary>A message as it is written, one field after the other. What has a length is written in place, however deep in others: it is not copied but to make room for its length once that is known.</summary>
internal sealed class WireWriter
{
    private const int Smallest = 256, LongestVarint = 10;

    private byte[] _bytes = new byte[Smallest];
    private int _length;

    public byte[] ToArray() => _bytes.AsSpan(0, _length).ToArray();

    public void WriteTag(int field, WireFormat.WireType type) => WriteVarint(WireFormat.MakeTag(field, type));

    public void WriteVarint(ulong value)
    {
        Reserve(LongestVarint);
        _length += Varint(_bytes.AsSpan(_length), value);
    }

    public void WriteFixed32(uint value)
    {
        Reserve(sizeof(uint));
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(_length), value);
        _length += sizeof(uint);
    }

    public void WriteFixed64(ulong value)
    {
        Reserve(sizeof(ulong));
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(_length), value);
        _length += sizeof(ulong);
    }

    /// <summary>With its length before it.</summary>
    public void WriteText(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        WriteVarint((ulong)length);
        Reserve(length);
        _length += Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_length));
    }

    /// <summary>With their length before them.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteVarint((ulong)bytes.Length);
        WriteRaw(bytes);
    }

    /// <summary>As they are.</summary>
    public void WriteRaw(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>What is written from here on is to have its length before it. Gives what <see cref="End"/> wants to know.</summary>
    public int Begin()
    {
        // Most lengths take one byte.
        Reserve(1);
        return ++_length;
    }

    public void End(int begin)
    {
        var length = _length - begin;
        Span<byte> prefix = stackalloc byte[LongestVarint];
        prefix = prefix[..Varint(prefix, (ulong)length)];
        var more = prefix.Length - 1;
        if (more > 0)
        {
            Reserve(more);
            _bytes.AsSpan(begin, length).CopyTo(_bytes.AsSpan(begin + more));
            _length += more;
        }

        prefix.CopyTo(_bytes.AsSpan(begin - 1));
    }

    private static int Varint(Span<byte> destination, ulong value)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            destination[length++] = (byte)(value | 0x80);
        }

        destination[length++] = (byte)value;
        return length;
    }

    private void Reserve(int bytes)
    {
        if (bytes > _bytes.Length - _length)
        {
            Array.Resize(ref _bytes, Math.Max(checked(_length + bytes), (int)Math.Min(2L * _bytes.Length, Array.MaxLength)));
        }
    }
}
