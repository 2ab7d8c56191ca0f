using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Zilla.DevKafka.Log;

/// <summary>
/// One file of a partition's log: whole batches one after the other, named for the first offset it may hold. Its sparse index lives in memory
/// only and is rebuilt from the file at open, so there is no second file to disagree with it. The owning log's lock guards all members but
/// <see cref="Read"/>.
/// </summary>
internal sealed class Segment : IDisposable
{
    private const int IndexInterval = 4096;

    private readonly SafeFileHandle _file;
    private readonly List<IndexEntry> _index = [];
    private int _lastIndexed = -IndexInterval;

    private Segment(string path, long baseOffset, SafeFileHandle file)
    {
        Path = path;
        BaseOffset = baseOffset;
        NextOffset = baseOffset;
        _file = file;
    }

    public string Path { get; private set; }
    public long BaseOffset { get; }
    public long NextOffset { get; private set; }
    public int Size { get; private set; }
    public long MaxTimestamp { get; private set; } = -1;

    /// <summary>When the first batch came in (ms since 1970), for rolling by time; after a restart its timestamp stands in.</summary>
    public long FirstAppended { get; private set; } = -1;

    public static string PathFor(string folder, long baseOffset) =>
        System.IO.Path.Combine(folder, baseOffset.ToString("D20", CultureInfo.InvariantCulture) + ".log");

    public static Segment Create(string folder, long baseOffset)
    {
        var path = PathFor(folder, baseOffset);
        return new Segment(path, baseOffset, File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));
    }

    /// <summary>A new file that is to take <paramref name="original"/>'s place (<see cref="MoveTo"/>); at open, such a file is a leftover.</summary>
    public static Segment CreateBeside(Segment original)
    {
        var path = original.Path + ".cleaned";
        return new Segment(path, original.BaseOffset, File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));
    }

    /// <summary>Opens an existing file without looking into it; <see cref="Recovery"/> does that.</summary>
    public static Segment Open(string path)
    {
        var baseOffset = long.Parse(System.IO.Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture);
        return new Segment(path, baseOffset, File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));
    }

    public long FileLength => RandomAccess.GetLength(_file);

    /// <summary>Counts a batch that lies at the end of the known part of the file.</summary>
    public void Include(in BatchHeader header, long appendedAt)
    {
        if (Size - _lastIndexed >= IndexInterval)
        {
            _index.Add(new IndexEntry(header.BaseOffset, Size));
            _lastIndexed = Size;
        }

        if (FirstAppended < 0)
        {
            FirstAppended = appendedAt;
        }

        MaxTimestamp = Math.Max(MaxTimestamp, header.MaxTimestamp >= 0 ? header.MaxTimestamp : appendedAt);
        NextOffset = header.NextOffset;
        Size += header.Size;
    }

    /// <summary>Writes one batch after the known part; a failed write leaves the segment as it was.</summary>
    public void Append(ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> records, bool flush)
    {
        try
        {
            RandomAccess.Write(_file, [header, records], Size);
            if (flush)
            {
                RandomAccess.FlushToDisk(_file);
            }
        }
        catch (IOException)
        {
            Truncate();
            throw;
        }
    }

    /// <summary>Cuts what lies behind the known part: a torn tail, or a write that failed half-way.</summary>
    public void Truncate() => RandomAccess.SetLength(_file, Size);

    public void MoveTo(string path)
    {
        File.Move(Path, path, overwrite: true);
        Path = path;
    }

    public void Flush() => RandomAccess.FlushToDisk(_file);

    public int Read(Span<byte> destination, long position)
    {
        var total = 0;
        while (total < destination.Length)
        {
            var read = RandomAccess.Read(_file, destination[total..], position + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    /// <summary>All batches in order. Each is valid until the next is asked for.</summary>
    public IEnumerable<(BatchHeader Header, ReadOnlyMemory<byte> Batch)> Batches()
    {
        var buffer = new byte[64 << 10];
        for (var position = 0; position < Size;)
        {
            if (Read(buffer.AsSpan(0, BatchHeader.Length), position) < BatchHeader.Length || BatchHeader.TryRead(buffer, out var header) != BatchResult.Batch)
            {
                throw new InvalidDataException($"{Path}: no batch at {position}, though one was written there");
            }

            if (header.Size > buffer.Length)
            {
                buffer = new byte[header.Size];
            }

            Read(buffer.AsSpan(0, header.Size), position);
            yield return (header, buffer.AsMemory(0, header.Size));
            position += header.Size;
        }
    }

    /// <summary>Position and header of the first batch that reaches <paramref name="offset"/>; false when this segment ends before it.</summary>
    public bool TryFind(long offset, out int position, out BatchHeader header) =>
        TryFind(offset <= BaseOffset ? 0 : Floor(offset), (in BatchHeader h) => h.LastOffset >= offset, out position, out header);

    /// <summary>Position and header of the first batch that ends at offset <paramref name="from"/> or later and has a record of <paramref name="timestamp"/> (ms) or later.</summary>
    public bool TryFindTimestamp(long timestamp, long from, out int position, out BatchHeader header) =>
        TryFind(0, (in BatchHeader h) => h.MaxTimestamp >= timestamp && h.LastOffset >= from, out position, out header);

    public void Dispose() => _file.Dispose();

    private delegate bool Match(in BatchHeader header);

    private bool TryFind(int from, Match match, out int position, out BatchHeader header)
    {
        Span<byte> bytes = stackalloc byte[BatchHeader.Length];
        header = default;
        for (position = from; position < Size; position += header.Size)
        {
            if (Read(bytes, position) < bytes.Length || BatchHeader.TryRead(bytes, out header) != BatchResult.Batch)
            {
                throw new InvalidDataException($"{Path}: no batch at {position}, though one was written there");
            }

            if (match(header))
            {
                return true;
            }
        }

        return false;
    }

    private int Floor(long offset)
    {
        int low = 0, high = _index.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _index[middle].Offset <= offset ? (middle, high) : (low, middle - 1);
        }

        return _index.Count > 0 && _index[low].Offset <= offset ? _index[low].Position : 0;
    }

    private readonly record struct IndexEntry(long Offset, int Position);
}
