namespace Zilla.KafkaCache.Cache.Segments;

/// <summary>
/// From a hash to the entries that have it: an append-only chained table. One writer; readers take no lock, because links are written before
/// the bucket that leads to them, and a table that has to grow is replaced by a copy. A reader sees at least what was added before it came.
/// </summary>
internal sealed class HashIndex
{
    private Table _table = new(16);

    /// <summary>Memory held, in bytes.</summary>
    public long Size => 16L * Volatile.Read(ref _table).Capacity;

    /// <summary>Adds an entry; entries come in ascending order.</summary>
    public void Add(uint hash, int entry)
    {
        var table = _table;
        if (table.Count == table.Capacity)
        {
            table = table.Grow();
            table.Add(hash, entry);
            Volatile.Write(ref _table, table);
            return;
        }

        table.Add(hash, entry);
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

    private sealed class Table(int capacity)
    {
        private readonly int[] _buckets = new int[capacity]; // slot + 1; 0 = empty

        public int Capacity => _buckets.Length;
        public int Count { get; private set; }
        public int[] Next { get; } = new int[capacity];
        public int[] Entries { get; } = new int[capacity];
        public uint[] Hashes { get; } = new uint[capacity];

        public int Head(uint hash) => Volatile.Read(ref _buckets[hash & (uint)(_buckets.Length - 1)]) - 1;

        public void Add(uint hash, int entry)
        {
            ref var bucket = ref _buckets[hash & (uint)(_buckets.Length - 1)];
            (Hashes[Count], Entries[Count], Next[Count]) = (hash, entry, bucket - 1);
            Volatile.Write(ref bucket, ++Count);
        }

        public Table Grow()
        {
            var grown = new Table(Capacity * 2);
            for (var slot = 0; slot < Count; slot++)
            {
                grown.Add(Hashes[slot], Entries[slot]);
            }

            return grown;
        }
    }
}
