namespace Zilla.KafkaCache.Cache.Partitions;

/// <summary>
/// From a key to the offset of its latest record, for compacted topics; the writer's alone. Keys are not kept: a hash leads to offsets, whose
/// keys the caller compares. Keys with the same hash lie at consecutive places.
/// </summary>
internal sealed class LatestByKey
{
    private readonly Dictionary<ulong, long> _offsets = [];

    /// <summary>Tells whether the record at an offset, if it is still held, has the key sought.</summary>
    public delegate bool HasKey(long offset, ReadOnlySpan<byte> key);

    public int Count => _offsets.Count;

    /// <summary>Makes <paramref name="offset"/> the latest of this key and gives the one before it, or -1.</summary>
    public long Replace(uint hash, ReadOnlySpan<byte> key, long offset, HasKey hasKey)
    {
        for (var place = (ulong)hash << 32; ; place++)
        {
            if (!_offsets.TryGetValue(place, out var previous))
            {
                _offsets.Add(place, offset);
                return -1;
            }

            if (hasKey(previous, key))
            {
                _offsets[place] = offset;
                return previous;
            }
        }
    }

    /// <summary>Forgets the key whose latest record is at <paramref name="offset"/>; nothing happens if it has a newer one.</summary>
    public void Remove(uint hash, long offset)
    {
        var first = (ulong)hash << 32;
        for (var place = first; _offsets.TryGetValue(place, out var held); place++)
        {
            if (held != offset)
            {
                continue;
            }

            // The last of the chain fills the gap, so that the chain stays whole.
            var last = place;
            while (_offsets.ContainsKey(last + 1))
            {
                last++;
            }

            _offsets[place] = _offsets[last];
            _offsets.Remove(last);
            return;
        }
    }
}
