using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Zilla.Streams.Network;

/// <summary>
/// What the server of lanes receives into and sends from. Its own blocks have 4 KiB, several to a batch, and each is received by itself and goes by itself through every thread on the way to
/// the lane. For few connections with much on them; those of clients are served with the server's own.
/// </summary>
internal sealed class LaneBlocks : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    /// <summary>Bytes of a block: as many as HTTP/2's frames carry.</summary>
    public const int Size = 16 << 10;

    /// <summary>Blocks that are kept for the next: 4 MiB. Others are left to the collector.</summary>
    public const int Spares = 256;

    private readonly ConcurrentQueue<Block> _spare = new();
    private int _spares;
    private int _made;

    public override int MaxBufferSize => Size;

    /// <summary>How many blocks were made until now.</summary>
    public int Made => Volatile.Read(ref _made);

    /// <summary>One for all who ask.</summary>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, Size);
        if (_spare.TryDequeue(out var block))
        {
            Interlocked.Decrement(ref _spares);
        }
        else
        {
            Interlocked.Increment(ref _made);
            block = new Block(this);
        }

        block.IsRented = true;
        return block;
    }

    /// <summary>Whoever created it is one of several.</summary>
    protected override void Dispose(bool disposing)
    {
    }

    private void Return(Block block)
    {
        if (Interlocked.Increment(ref _spares) <= Spares)
        {
            _spare.Enqueue(block);
        }
        else
        {
            Interlocked.Decrement(ref _spares);
        }
    }

    private sealed class Block(LaneBlocks blocks) : IMemoryOwner<byte>
    {
        public bool IsRented { get; set; }

        // Pinned, as the kernel writes into it.
        public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(Size, pinned: true);

        public void Dispose()
        {
            if (IsRented)
            {
                IsRented = false;
                blocks.Return(this);
            }
        }
    }
}
