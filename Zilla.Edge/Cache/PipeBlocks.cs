namespace Zilla.Edge.Cache;

/// <summary>
/// Memory for records that come and go in much the same order: blocks that are filled one after the other and used again when nothing in them is needed
/// any more. Not thread-safe.
/// </summary>
internal sealed class PipeBlocks
{
    /// <summary>Below 85,000, so that blocks stay out of the large object heap.</summary>
    private const int BlockBytes = 64 << 10;

    /// <summary>A larger record has a block of its own, which is not kept.</summary>
    private const int MaxShared = 16 << 10;

    private const int Spares = 4;

    private readonly Stack<Block> _spare = new();
    private Block? _open;

    public Slice Take(int length)
    {
        if (length > MaxShared)
        {
            return new(new Block(length) { Live = 1 }, 0, length);
        }

        if (_open is null || _open.Bytes.Length - _open.Used < length)
        {
            _open = _spare.TryPop(out var spare) ? spare : new Block(BlockBytes);
        }

        var slice = new Slice(_open, _open.Used, length);
        _open.Used += length;
        _open.Live++;
        return slice;
    }

    /// <param name="slice">As it was taken; once.</param>
    /// <param name="isRead">Somebody may still read it: its block is left to the collector.</param>
    public void Return(in Slice slice, bool isRead)
    {
        var block = slice.Block;
        block.IsRead |= isRead;
        if (--block.Live > 0)
        {
            return;
        }

        if (block.IsRead)
        {
            _open = _open == block ? null : _open;
            return;
        }

        block.Used = 0;
        if (_open != block && block.Bytes.Length == BlockBytes && _spare.Count < Spares)
        {
            _spare.Push(block);
        }
    }

    internal readonly record struct Slice(Block Block, int Start, int Length)
    {
        public Memory<byte> Memory => Block.Bytes.AsMemory(Start, Length);
    }

    internal sealed class Block(int size)
    {
        public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(size);
        public int Used { get; set; }
        public int Live { get; set; }
        public bool IsRead { get; set; }
    }
}
