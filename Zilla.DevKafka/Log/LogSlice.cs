using System.Buffers;
using Zilla.DevKafka.Transactions;

namespace Zilla.DevKafka.Log;

/// <summary>Whole batches read from a log into a pooled buffer; to be disposed.</summary>
internal sealed class LogSlice : IDisposable
{
    private byte[]? _buffer;

    private LogSlice(byte[]? buffer, int length, long nextOffset)
    {
        _buffer = buffer;
        Length = length;
        NextOffset = nextOffset;
    }

    public static LogSlice Empty { get; } = new(null, 0, -1);

    public int Length { get; }

    /// <summary>The offset after the last batch; -1 when there is none.</summary>
    public long NextOffset { get; }

    /// <summary>Aborted transactions that have records in here, for a read_committed reader to leave out.</summary>
    public IReadOnlyList<AbortedTransaction> Aborted { get; init; } = [];

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, Length);

    /// <summary>Reads from <paramref name="position"/>, where a batch of <paramref name="first"/> bytes starts.</summary>
    public static LogSlice Read(Segment segment, int position, int available, int first, int maximum, bool atLeastOne, List<AbortedTransaction> aborted)
    {
        var length = Math.Min(available, Math.Max(0, maximum));
        if (length < first)
        {
            if (!atLeastOne)
            {
                return Empty;
            }

            length = first;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            length = segment.Read(buffer.AsSpan(0, length), position);
            var whole = WholeBatches(buffer.AsSpan(0, length), out var nextOffset);
            return new LogSlice(buffer, whole, nextOffset) { Aborted = aborted.FindAll(a => a.FirstOffset < nextOffset) };
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int WholeBatches(ReadOnlySpan<byte> bytes, out long nextOffset)
    {
        var whole = 0;
        nextOffset = -1;
        while (BatchHeader.TryRead(bytes[whole..], out var header) == BatchResult.Batch && header.Size <= bytes.Length - whole)
        {
            whole += header.Size;
            nextOffset = header.NextOffset;
        }

        return whole;
    }
}
