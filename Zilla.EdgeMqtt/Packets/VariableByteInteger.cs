namespace Zilla.EdgeMqtt.Packets;

/// <summary>§1.5.5 (in MQTT 3.1.1 §2.2.3): seven bits a byte, the least first, at most four bytes.</summary>
/// <remarks><code>1aaaaaaa 0bbbbbbb = bbbbbbbaaaaaaa</code></remarks>
internal static class VariableByteInteger
{
    public const uint Maximum = 268_435_455;

    public static int Size(uint value) => value switch
    {
        < 128 => 1,
        < 16_384 => 2,
        < 2_097_152 => 3,
        _ => 4,
    };

    public static int Write(uint value, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Maximum);
        var position = 0;
        for (; value > 127; value >>= 7)
        {
            destination[position++] = (byte)(value | 0x80);
        }

        destination[position++] = (byte)value;
        return position;
    }

    /// <summary>The bytes it took; 0: there are too few; -1: there is a fifth.</summary>
    public static int Read(ReadOnlySpan<byte> source, out uint value)
    {
        value = 0;
        for (var i = 0; i < 4; i++)
        {
            if (i == source.Length)
            {
                return 0;
            }

            value |= (uint)(source[i] & 0x7F) << (7 * i);
            if (source[i] < 0x80)
            {
                return i + 1;
            }
        }

        return -1;
    }
}
