using Zilla.KafkaCache.Cache.Segments;

namespace Zilla.KafkaCache.Cache.Partitions;

/// <summary>Some neighbouring records of a spilled segment, in memory for one reader.</summary>
internal sealed class DiskWindow(MemoryBudget budget) : IDisposable
{
    /// <summary>Bytes read at once, unless one record alone is larger.</summary>
    public const int Largest = 64 << 10;

    /// <summary>Bytes that are rather read than skipped.</summary>
    public const int LargestGap = 4 << 10;

    private Segment? _segment;
    private byte[] _bytes = [];
    private int _start;

    /// <summary>How far to read if all that follows will be asked for.</summary>
    public static int EndFrom(Segment segment, int index)
    {
        var (start, end) = (segment[index].Position, segment[index].End);
        while (++index < segment.Count && segment[index].End - start <= Largest)
        {
            end = segment[index].End;
        }

        return end;
    }

    public bool Holds(Segment segment, in SegmentEntry entry) => segment == _segment && entry.Position >= _start && entry.End <= _start + _bytes.Length;

    /// <summary>A record that is held.</summary>
    public ReadOnlyMemory<byte> Slice(in SegmentEntry entry) => _bytes.AsMemory(entry.Position - _start, entry.Length);

    /// <summary>Reads [from, to) of a segment; the memory for it was reserved, and is now this window's. False: it is on disk no longer.</summary>
    public bool TryFill(Segment segment, int from, int to)
    {
        Dispose();
        (_segment, _start, _bytes) = (segment, from, GC.AllocateUninitializedArray<byte>(to - from));
        return segment.Spilled is { } spilled && spilled.TryRead(from, _bytes);
    }

    /// <summary>Gives its memory back; slices stay valid.</summary>
    public void Dispose()
    {
        budget.Release(_bytes.Length);
        (_segment, _bytes) = (null, []);
    }
}
