using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Zilla.DevKafka.Wire;

/// <summary>
/// Writes the protocol's primitives into one pooled buffer, the length prefix first (filled in by <see cref="Finish"/>).
/// In flexible versions lengths are compact and structures end in tagged fields, as in <see cref="WireReader"/>.
/// </summary>
internal sealed class WireWriter : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(1024);
    private int _length;

    public bool Flexible { get; set; }

    public int Length => _length;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    public void Int8(sbyte value) => Span(1)[0] = (byte)value;

    public void Bool(bool value) => Span(1)[0] = value ? (byte)1 : (byte)0;

    public void Int16(short value) => BinaryPrimitives.WriteInt16BigEndian(Span(2), value);

    public void Error(ErrorCode value) => Int16((short)value);

    public void Int32(int value) => BinaryPrimitives.WriteInt32BigEndian(Span(4), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64BigEndian(Span(8), value);

    public void Uuid(Guid value) => value.TryWriteBytes(Span(16), bigEndian: true, out _);

    public void UnsignedVarint(uint value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Span(1)[0] = (byte)(value | 0x80);
        }

        Span(1)[0] = (byte)value;
    }

    public void String(string? value)
    {
        if (value is null)
        {
            NullLength(wide: false);
            return;
        }

        var length = Encoding.UTF8.GetByteCount(value);
        if (!Flexible && length > short.MaxValue)
        {
            value = value[..(short.MaxValue / 3)];
            length = Encoding.UTF8.GetByteCount(value);
        }

        WriteLength(length, wide: false);
        Encoding.UTF8.GetBytes(value, Span(length));
    }

    public void Bytes(ReadOnlyMemory<byte>? value)
    {
        if (value is not { } bytes)
        {
            NullLength(wide: true);
            return;
        }

        WriteLength(bytes.Length, wide: true);
        bytes.Span.CopyTo(Span(bytes.Length));
    }

    public void Array<T>(IReadOnlyCollection<T> items, Action<WireWriter, T> element)
    {
        WriteLength(items.Count, wide: true);
        foreach (var item in items)
        {
            element(this, item);
        }
    }

    /// <summary>Ends a structure with no tagged fields; nothing in versions that have none.</summary>
    public void Tags()
    {
        if (Flexible)
        {
            UnsignedVarint(0);
        }
    }

    /// <summary>Room for <paramref name="count"/> bytes, already counted as written; valid until the next call.</summary>
    public Span<byte> Span(int count)
    {
        if (_buffer.Length - _length < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(_length + count), (int)Math.Min(_buffer.Length * 2L, System.Array.MaxLength)));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        _length += count;
        return _buffer.AsSpan(_length - count, count);
    }

    /// <summary>Fills in the length prefix, which the first four bytes were left for.</summary>
    public ReadOnlyMemory<byte> Finish()
    {
        BinaryPrimitives.WriteInt32BigEndian(_buffer, _length - sizeof(int));
        return Written;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    private void WriteLength(int length, bool wide)
    {
        if (Flexible)
        {
            UnsignedVarint((uint)length + 1);
        }
        else if (wide)
        {
            Int32(length);
        }
        else
        {
            Int16((short)length);
        }
    }

    private void NullLength(bool wide)
    {
        if (Flexible)
        {
            UnsignedVarint(0);
        }
        else if (wide)
        {
            Int32(-1);
        }
        else
        {
            Int16(-1);
        }
    }
}
