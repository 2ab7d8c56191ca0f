using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Zilla.KafkaCache.Sessions.Records;

/// <summary>Writes what <see cref="ReferenceReader"/> reads, whose picture it is.</summary>
internal sealed class ReferenceWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    public ReferenceWriter Byte(byte value)
    {
        _bytes.Write([value]);
        return this;
    }

    public ReferenceWriter UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.GetSpan(2), value);
        _bytes.Advance(2);
        return this;
    }

    public ReferenceWriter Int32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.GetSpan(4), value);
        _bytes.Advance(4);
        return this;
    }

    public ReferenceWriter Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
        return this;
    }

    /// <exception cref="ArgumentException">Longer than 65,534 bytes: whoever asks has seen to that.</exception>
    public ReferenceWriter Text(string? text)
    {
        if (text is null)
        {
            return UInt16(ushort.MaxValue);
        }

        var length = Encoding.UTF8.GetByteCount(text);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(length, ushort.MaxValue, nameof(text));
        UInt16((ushort)length);
        _bytes.Advance(Encoding.UTF8.GetBytes(text, _bytes.GetSpan(length)));
        return this;
    }

    public ReferenceWriter Binary(byte[]? bytes)
    {
        Int32(bytes?.Length ?? -1);
        return Bytes(bytes);
    }

    public ReferenceWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public ReferenceWriter List<T>(IReadOnlyCollection<T> items, Action<ReferenceWriter, T> write)
    {
        var written = new ReferenceWriter();
        foreach (var item in items)
        {
            write(written, item);
        }

        return Int32(4 + written._bytes.WrittenCount).Int32(items.Count).Bytes(written._bytes.WrittenSpan);
    }
}
