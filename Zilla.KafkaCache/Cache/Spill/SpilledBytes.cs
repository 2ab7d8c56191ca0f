namespace Zilla.KafkaCache.Cache.Spill;

/// <summary>
/// What was written to the spill file in one piece. Its place is given to others once it is freed: what is read counts only if it was not freed
/// until the read was over.
/// </summary>
internal sealed class SpilledBytes(SpillFile file, long position, int length)
{
    private volatile bool _freed;

    /// <summary>In the file.</summary>
    public long Position { get; } = position;

    public int Length { get; } = length;

    /// <summary>Reads from <paramref name="from"/> on until <paramref name="destination"/> is full. False: it was freed, or the disk failed.</summary>
    public bool TryRead(int from, Span<byte> destination) => !_freed && file.TryRead(Position + from, destination) && !_freed;

    /// <summary>Gives the place back; nothing happens the second time.</summary>
    public void Free()
    {
        if (!_freed)
        {
            _freed = true;
            file.Free(this);
        }
    }
}
