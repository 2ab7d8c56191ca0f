using System.Buffers.Text;

namespace Zilla.Load.Grpc.Wire;

/// <summary>The little of a response's header block (HPACK, RFC 7541) that a load driver needs: the status of the call. Without a dynamic table, which the server was told not to use.</summary>
internal static class ResponseHeaders
{
    private const int StaticEntries = 61;

    /// <summary>grpc-status in the code of RFC 7541, appendix B, which some servers write names in.</summary>
    private static ReadOnlySpan<byte> CodedName => [0x9a, 0xca, 0xc8, 0xb2, 0x12, 0x34, 0xda, 0x8f];

    private static ReadOnlySpan<byte> CodedZero => [0x07];

    /// <summary>What grpc-status says; null: the block has none.</summary>
    /// <exception cref="InvalidDataException">The block is malformed, or names entries of a dynamic table.</exception>
    public static int? FindStatus(ReadOnlySpan<byte> block)
    {
        int? status = null;
        while (!block.IsEmpty)
        {
            var first = block[0];
            if ((first & 0x80) != 0)
            {
                Known(ReadNumber(ref block, 7));
                continue;
            }

            if ((first & 0xe0) == 0x20)
            {
                // The size of the table.
                ReadNumber(ref block, 5);
                continue;
            }

            var index = ReadNumber(ref block, (first & 0x40) != 0 ? 6 : 4);
            Known(index);
            var isStatus = index == 0 && ReadText(ref block, out var codedName) is var name && name.SequenceEqual(codedName ? CodedName : "grpc-status"u8);
            var value = ReadText(ref block, out var codedValue);
            if (isStatus)
            {
                status = codedValue ? (value.SequenceEqual(CodedZero) ? 0 : -1) : Utf8Parser.TryParse(value, out int code, out _) ? code : -1;
            }
        }

        return status;
    }

    private static void Known(int index)
    {
        if (index > StaticEntries)
        {
            throw new InvalidDataException("The server uses a table of headers that it was told not to use.");
        }
    }

    private static ReadOnlySpan<byte> ReadText(ref ReadOnlySpan<byte> block, out bool isCoded)
    {
        isCoded = !block.IsEmpty && (block[0] & 0x80) != 0;
        var length = ReadNumber(ref block, 7);
        if (length > block.Length)
        {
            throw new InvalidDataException("A header block ends within a header.");
        }

        var text = block[..length];
        block = block[length..];
        return text;
    }

    /// <summary>RFC 7541 §5.1</summary>
    private static int ReadNumber(ref ReadOnlySpan<byte> block, int bits)
    {
        var mask = (1 << bits) - 1;
        var number = block.IsEmpty ? mask : block[0] & mask;
        var at = 1;
        if (number == mask)
        {
            for (var shift = 0; ; shift += 7)
            {
                if (at >= block.Length || shift > 14)
                {
                    throw new InvalidDataException("A header block ends within a header, or a number in it is too large.");
                }

                number += (block[at] & 0x7f) << shift;
                if ((block[at++] & 0x80) == 0)
                {
                    break;
                }
            }
        }

        block = block[at..];
        return number;
    }
}
