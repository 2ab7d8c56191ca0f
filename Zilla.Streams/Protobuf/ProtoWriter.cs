using System.Numerics;

namespace Zilla.Streams.Protobuf;

/// <summary>Writes fields into a span that the caller has sized with the <c>…Size</c> functions; see <see cref="ProtoReader"/> for the picture.</summary>
internal ref struct ProtoWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    public int Position { get; private set; }

    public static int VarintSize(ulong value) => (BitOperations.Log2(value | 1) + 7) / 7;

    /// <summary>The size of the length prefix and the bytes behind it.</summary>
    public static int LengthSize(int length) => VarintSize((uint)length) + length;

    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    public static uint ZigZag(int value) => (uint)((value << 1) ^ (value >> 31));

    public void WriteByte(byte value) => _destination[Position++] = value;

    public void WriteVarint(ulong value)
    {
        var position = Position;
        while (value >= 0x80)
        {
            _destination[position++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _destination[position++] = (byte)value;
        Position = position;
    }

    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_destination[Position..]);
        Position += bytes.Length;
    }

    /// <summary>Writes a one-byte tag, the length and the bytes.</summary>
    public void WriteLengthField(byte tag, ReadOnlySpan<byte> bytes)
    {
        WriteByte(tag);
        WriteVarint((uint)bytes.Length);
        WriteBytes(bytes);
    }

    public void WriteVarintField(byte tag, ulong value)
    {
        WriteByte(tag);
        WriteVarint(value);
    }
}
