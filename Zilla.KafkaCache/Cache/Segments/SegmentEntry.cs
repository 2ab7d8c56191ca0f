namespace Zilla.KafkaCache.Cache.Segments;

/// <summary>Where a record lies in its segment: extension and value, one after the other.</summary>
internal struct SegmentEntry
{
    /// <summary>Value of <see cref="SupersededBy"/> of a tombstone that is past its time: skipped by every reader.</summary>
    public const long Expired = -1;

    public long Offset;

    /// <summary>0 = the latest of its key, otherwise the offset of the next record with the same key (never 0: something precedes it).</summary>
    public long SupersededBy;

    public int Position;
    public int ExtensionLength;
    public int ValueLength;

    /// <summary>From <see cref="Position"/>.</summary>
    public int KeyStart;

    /// <summary>-1 = null key.</summary>
    public int KeyLength;

    public uint KeyHash;
    public bool Tombstone;

    public readonly int Length => ExtensionLength + ValueLength;
}
