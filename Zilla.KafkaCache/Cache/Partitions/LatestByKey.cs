namespace Zilla.KafkaCache.Cache.Partitions;

/// <summary>
/// From a key to the offset of its latest record, for compacted topics; the writer's alone. Keys are not kept: a hash leads to offsets, whose
/// keys the caller compares. A table with linear probing, 15 to 23 bytes a key.
/// </summary>
internal sealed class LatestByKey
{
    private const int Slot = sizeof(uint) + sizeof(long);

    private uint[] _hashes = [];
    private long[] _offsets = []; // offset + 1; 0 = empty

    /// <summary>Tells whether the record at an offset, if it is still held, has the key sought.</summary>
    public delegate bool HasKey(long offset, ReadOnlySpan<byte> key);

    public int Count { get; private set; }

    /// <summary>Memory held, in bytes.</summary>
    public long Size => (long)Slot * _offsets.Length;

    /// <summary>How many bytes larger it is after the next <see cref="Replace"/>.</summary>
    public long GrowthForOne => IsFull ? (long)Slot * (NextLength - _offsets.Length) : 0;

    private bool IsFull => Count + 1 > _offsets.Length / 5L * 4;

    private int NextLength => Math.Max(10, (_offsets.Length / 2 * 3 / 5 * 5) + 5);

    /// <summary>Makes <paramref name="offset"/> the latest of this key and gives the one before it, or -1.</summary>
    public long Replace(uint hash, ReadOnlySpan<byte> key, long offset, HasKey hasKey)
    {
        if (IsFull)
        {
            Grow();
        }

        for (var slot = Home(hash); Holds(slot); slot = After(slot))
        {
            if (_hashes[slot] == hash && _offsets[slot] - 1 is var previous && hasKey(previous, key))
            {
                _offsets[slot] = offset + 1;
                return previous;
            }
        }

        Put(hash, offset + 1);
        Count++;
        return -1;
    }

    /// <summary>Forgets the key whose latest record is at <paramref name="offset"/>; nothing happens if it has a newer one.</summary>
    public void Remove(uint hash, long offset)
    {
        var gap = Home(hash);
        while (Holds(gap) && _offsets[gap] != offset + 1)
        {
            gap = After(gap);
        }

        if (!Holds(gap))
        {
            return;
        }

        // Those behind that cannot be reached over the gap move into it, so that every chain stays whole.
        for (var slot = After(gap); Holds(slot); slot = After(slot))
        {
            if (Distance(Home(_hashes[slot]), slot) >= Distance(gap, slot))
            {
                (_hashes[gap], _offsets[gap]) = (_hashes[slot], _offsets[slot]);
                gap = slot;
            }
        }

        _offsets[gap] = 0;
        Count--;
    }

    private int Home(uint hash) => (int)(((ulong)hash * (ulong)_offsets.Length) >> 32);

    private int After(int slot) => slot + 1 == _offsets.Length ? 0 : slot + 1;

    private int Distance(int from, int to) => to >= from ? to - from : to - from + _offsets.Length;

    private bool Holds(int slot) => slot < _offsets.Length && _offsets[slot] != 0;

    private void Put(uint hash, long offset)
    {
        var slot = Home(hash);
        while (_offsets[slot] != 0)
        {
            slot = After(slot);
        }

        (_hashes[slot], _offsets[slot]) = (hash, offset);
    }

    private void Grow()
    {
        var (hashes, offsets) = (_hashes, _offsets);
        var length = NextLength;
        (_hashes, _offsets) = (new uint[length], new long[length]);
        for (var slot = 0; slot < offsets.Length; slot++)
        {
            if (offsets[slot] != 0)
            {
                Put(hashes[slot], offsets[slot]);
            }
        }
    }
}
