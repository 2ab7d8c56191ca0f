namespace Zilla.KafkaCache.Cache.Segments;

/// <summary>Where a record lies in its segment: extension and value, one after the other. There is one for each record held: fields are as narrow as they can be.</summary>
internal struct SegmentEntry
{
    /// <summary>Memory that one takes, in bytes.</summary>
    public const int Size = 40;

    /// <summary>Value of <see cref="SupersededBy"/> of a tombstone that is past its time: skipped by every reader.</summary>
    public const long Expired = -1;

    public long Offset;

    /// <summary>0 = the latest of its key, otherwise the offset of the next record with the same key (never 0: something precedes it).</summary>
    public long SupersededBy;

    public int Position;
    public int ExtensionLength;
    public int ValueLength;

    /// <summary>-1 = null key.</summary>
    public int KeyLength;

    public uint KeyHash;

    /// <summary>From <see cref="Position"/>; what precedes the key are a few numbers, 34 bytes at most.</summary>
    public byte KeyStart;

    public bool Tombstone;

    public readonly int Length => ExtensionLength + ValueLength;

    public readonly int End => Position + Length;
}
