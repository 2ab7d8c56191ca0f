using System.Buffers;

namespace Zilla.DevKafka.Log;

/// <summary>Whole batches read from a log into a pooled buffer; to be disposed.</summary>
internal sealed class LogSlice : IDisposable
{
    private byte[]? _buffer;

    private LogSlice(byte[]? buffer, int length)
    {
        _buffer = buffer;
        Length = length;
    }

    public static LogSlice Empty { get; } = new(null, 0);

    public int Length { get; }

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, Length);

    /// <summary>Reads from <paramref name="position"/>, where a batch of <paramref name="first"/> bytes starts.</summary>
    public static LogSlice Read(Segment segment, int position, int available, int first, int maximum, bool atLeastOne)
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
            return new LogSlice(buffer, WholeBatches(buffer.AsSpan(0, length)));
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

    private static int WholeBatches(ReadOnlySpan<byte> bytes)
    {
        var whole = 0;
        while (BatchHeader.TryRead(bytes[whole..], out var header) == BatchResult.Batch && header.Size <= bytes.Length - whole)
        {
            whole += header.Size;
        }

        return whole;
    }
}
