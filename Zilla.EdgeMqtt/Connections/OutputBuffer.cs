using System.Buffers;

namespace Zilla.EdgeMqtt.Connections;

/// <summary>Encoded packets, one behind the other, in an array of the pool; none while there is nothing in it. For one thread at a time.</summary>
internal sealed class OutputBuffer : IBufferWriter<byte>
{
    private const int Smallest = 512;

    private byte[] _bytes = [];

    public int Length { get; private set; }

    /// <summary>What is in it, to be given back to the shared pool; the buffer is empty then.</summary>
    public (byte[] Bytes, int Length) Take()
    {
        var taken = (_bytes, Length);
        (_bytes, Length) = ([], 0);
        return taken;
    }

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(1, sizeHint));
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(1, sizeHint));
        return _bytes.AsSpan(Length);
    }

    public void Clear()
    {
        var (bytes, _) = Take();
        Return(bytes);
    }

    public static void Return(byte[] bytes)
    {
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - Length >= count)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Smallest, Math.Max(2 * _bytes.Length, Length + count)));
        _bytes.AsSpan(0, Length).CopyTo(larger);
        Return(_bytes);
        _bytes = larger;
    }
}
