using System.Numerics;

namespace Zilla.KafkaCache.Cache.Segments;

/// <summary>
/// From a hash to the entries that have it: an append-only chained table. One writer; readers take no lock, because links are written before
/// the bucket that leads to them, and a table that has to grow is replaced by a copy. A reader sees at least what was added before it came.
/// </summary>
internal sealed class HashIndex
{
    private const int FirstSlots = 16;

    private Table _table = new(FirstSlots, FirstSlots);

    public int Count => Volatile.Read(ref _table).Count;

    /// <summary>Memory held, in bytes.</summary>
    public long Size => Volatile.Read(ref _table).Size;

    /// <summary>Memory that one takes which has grown to hold so many, in bytes.</summary>
    public static long SizeFor(int count)
    {
        var slots = Math.Max(FirstSlots, (int)BitOperations.RoundUpToPowerOf2((uint)count));
        return Table.SizeOf(slots, slots);
    }

    /// <summary>How many bytes larger it is once <paramref name="count"/> more have been added; the writer's.</summary>
    public long GrowthFor(int count) => _table.Count + count <= _table.Slots ? 0 : SizeFor(_table.Count + count) - _table.Size;

    /// <summary>Adds an entry; entries come in ascending order.</summary>
    public void Add(uint hash, int entry)
    {
        var table = _table;
        if (table.Count == table.Slots)
        {
            table = table.Copy(table.Slots * 2, table.Slots * 2);
            table.Add(hash, entry);
            Volatile.Write(ref _table, table);
            return;
        }

        table.Add(hash, entry);
    }

    /// <summary>Gives back what it holds in advance: nothing more will be added.</summary>
    public void Trim()
    {
        var count = _table.Count;
        Volatile.Write(ref _table, _table.Copy(count, 1 << BitOperations.Log2((uint)Math.Max(count, 1))));
    }

    /// <summary>Appends the entries with this hash and <paramref name="from"/> ≤ entry &lt; <paramref name="below"/>, the newest first.</summary>
    public void Collect(uint hash, int from, int below, List<int> entries)
    {
        var table = Volatile.Read(ref _table);
        for (var slot = table.Head(hash); slot >= 0; slot = table.Next[slot])
        {
            var entry = table.Entries[slot];
            if (entry < from)
            {
                return;
            }

            if (entry < below && table.Hashes[slot] == hash)
            {
                entries.Add(entry);
            }
        }
    }

    private sealed class Table(int slots, int buckets)
    {
        private readonly int[] _buckets = new int[buckets]; // slot + 1; 0 = empty

        public int Slots => Next.Length;
        public int Count { get; private set; }
        public int[] Next { get; } = new int[slots];
        public int[] Entries { get; } = new int[slots];
        public uint[] Hashes { get; } = new uint[slots];
        public long Size => SizeOf(Slots, _buckets.Length);

        public static long SizeOf(int slots, int buckets) => (12L * slots) + (4L * buckets);

        public int Head(uint hash) => Volatile.Read(ref _buckets[hash & (uint)(_buckets.Length - 1)]) - 1;

        public void Add(uint hash, int entry)
        {
            ref var bucket = ref _buckets[hash & (uint)(_buckets.Length - 1)];
            (Hashes[Count], Entries[Count], Next[Count]) = (hash, entry, bucket - 1);
            Volatile.Write(ref bucket, ++Count);
        }

        public Table Copy(int slots, int buckets)
        {
            var copy = new Table(slots, buckets);
            for (var slot = 0; slot < Count; slot++)
            {
                copy.Add(Hashes[slot], Entries[slot]);
            }

            return copy;
        }
    }
}
