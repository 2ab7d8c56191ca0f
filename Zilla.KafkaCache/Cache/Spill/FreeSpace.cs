namespace Zilla.KafkaCache.Cache.Spill;

/// <summary>
/// Which parts of a file of limited size are free: first fit, in pages. What is oldest is freed first, so that holes stay few. Not thread-safe.
/// </summary>
internal sealed class FreeSpace
{
    private const int Page = 4096;

    private readonly SortedDictionary<long, long> _holes = []; // position, length

    public FreeSpace(long limit)
    {
        var pages = limit / Page * Page;
        if (pages > 0)
        {
            _holes.Add(0, pages);
        }
    }

    /// <summary>What a piece of this length takes.</summary>
    public static long Round(long length) => (length + Page - 1) / Page * Page;

    /// <summary>Where a piece fits; -1 if nowhere.</summary>
    public long Take(long length)
    {
        var needed = Round(length);
        foreach (var (position, free) in _holes)
        {
            if (free >= needed)
            {
                _holes.Remove(position);
                if (free > needed)
                {
                    _holes.Add(position + needed, free - needed);
                }

                return position;
            }
        }

        return -1;
    }

    public void Give(long position, long length)
    {
        var end = position + Round(length);
        if (_holes.Remove(end, out var after))
        {
            end += after;
        }

        foreach (var (before, free) in _holes)
        {
            if (before + free == position)
            {
                position = before;
                break;
            }

            if (before > position)
            {
                break;
            }
        }

        _holes[position] = end - position;
    }
}
