using System.Buffers;

namespace Zilla.DevKafka.Log;

/// <summary>Reads a segment file from its start and counts every batch that is whole, intact and in order.</summary>
internal static class Recovery
{
    /// <summary>
    /// Includes the valid batches in <paramref name="segment"/> and hands each on (its bytes are valid during the call). Returns how many bytes behind them are not one
    /// (0 for a clean file): a torn tail, or damage.
    /// </summary>
    public static long Scan(Segment segment, long appendedAt, Action<BatchHeader, ReadOnlyMemory<byte>> each)
    {
        var length = segment.FileLength;
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        try
        {
            int start = 0, end = 0;
            while (segment.Size < length)
            {
                var result = BatchHeader.TryRead(buffer.AsSpan(start, end - start), out var header);
                if (result == BatchResult.Corrupt || (result == BatchResult.Batch && (header.Magic != BatchHeader.CurrentMagic || header.BaseOffset < segment.NextOffset)))
                {
                    break;
                }

                var need = result == BatchResult.Batch ? header.Size : BatchHeader.Length;
                if (need > length - segment.Size)
                {
                    break;
                }

                if (need > end - start)
                {
                    Fill(segment, ref buffer, ref start, ref end, need);
                    if (need > end - start)
                    {
                        break;
                    }

                    continue;
                }

                if (!header.IsIntact(buffer.AsSpan(start, header.Size)))
                {
                    break;
                }

                segment.Include(header, header.MaxTimestamp >= 0 ? header.MaxTimestamp : appendedAt);
                each(header, buffer.AsMemory(start, header.Size));
                start += header.Size;
            }

            return length - segment.Size;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Fill(Segment segment, ref byte[] buffer, ref int start, ref int end, int need)
    {
        var held = end - start;
        if (need > buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(need);
            buffer.AsSpan(start, held).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }
        else
        {
            buffer.AsSpan(start, held).CopyTo(buffer);
        }

        (start, end) = (0, held);
        end += segment.Read(buffer.AsSpan(end), segment.Size + held);
    }
}
