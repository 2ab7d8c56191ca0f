using Zilla.Streams.Protobuf;

namespace Zilla.Streams.Kafka;

/// <summary>
/// A progress that moves with every record of one stream, and writes itself without allocating: one per stream, not shared between threads.
/// </summary>
public sealed class ProgressVector
{
    private const long Absent = long.MinValue;

    private long[] _offsets;
    private int _count;
    private int _offsetBytes;
    private KafkaProgress? _progress;

    public ProgressVector() => _offsets = [];

    public ProgressVector(KafkaProgress start)
    {
        ArgumentNullException.ThrowIfNull(start);
        _offsets = [];
        foreach (var (partition, offset) in start.Partitions)
        {
            Set(partition, offset);
        }
    }

    /// <summary>The next offset of a partition, or null when the vector does not name it.</summary>
    public long? this[int partition] => (uint)partition < (uint)_offsets.Length && _offsets[partition] != Absent ? _offsets[partition] : null;

    /// <summary>The number of bytes that <see cref="Encode"/> writes.</summary>
    public int EncodedLength => 1 + ProgressCodec.CountLength(_count) + _offsetBytes;

    /// <summary>The number of bytes that <see cref="FormatUtf8"/> writes.</summary>
    public int TextLength => ProgressText.Length(EncodedLength);

    /// <exception cref="ArgumentOutOfRangeException">The partition is not in 0..<see cref="KafkaProgress.MaxPartitions"/>-1, or the offset is below -1.</exception>
    public void Set(int partition, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(partition, KafkaProgress.MaxPartitions);
        ArgumentOutOfRangeException.ThrowIfLessThan(offset, -1);
        if (partition >= _offsets.Length)
        {
            var known = _offsets.Length;
            Array.Resize(ref _offsets, Math.Max(partition + 1, Math.Min(known * 2, KafkaProgress.MaxPartitions)));
            _offsets.AsSpan(known).Fill(Absent);
        }

        ref var slot = ref _offsets[partition];
        if (slot == Absent)
        {
            _count++;
        }
        else
        {
            _offsetBytes -= ProgressCodec.Length(partition, slot);
        }

        (slot, _progress) = (offset, null);
        _offsetBytes += ProgressCodec.Length(partition, offset);
    }

    /// <summary>Writes the wire form and gives its length.</summary>
    public int Encode(Span<byte> destination)
    {
        var writer = new ProtoWriter(destination);
        writer.WriteByte(ProgressCodec.Version);
        writer.WriteVarint(ProtoWriter.ZigZag(_count));
        for (var partition = 0; partition < _offsets.Length; partition++)
        {
            if (_offsets[partition] != Absent)
            {
                writer.WriteVarint(ProtoWriter.ZigZag(partition));
                writer.WriteVarint(ProtoWriter.ZigZag(_offsets[partition]));
            }
        }

        return writer.Position;
    }

    /// <summary>The number of bytes that <see cref="EncodeField"/> writes.</summary>
    public int FieldLength(int field) => ProtoWriter.VarintSize(Tag(field)) + ProtoWriter.LengthSize(EncodedLength);

    /// <summary>Writes the wire form as that field of a protobuf message, <c>tag length progress</c>, and gives the length of all three.</summary>
    public int EncodeField(int field, Span<byte> destination)
    {
        var writer = new ProtoWriter(destination);
        writer.WriteVarint(Tag(field));
        writer.WriteVarint((uint)EncodedLength);
        return writer.Position + Encode(destination[writer.Position..]);
    }

    /// <summary>Writes the base64url text form as UTF-8, <see cref="TextLength"/> bytes.</summary>
    public int FormatUtf8(Span<byte> destination) => ProgressText.FormatInPlace(destination, Encode(destination));

    /// <summary>The same object for all who ask before it moves on.</summary>
    public KafkaProgress ToProgress() => _progress ??= NewProgress();

    private KafkaProgress NewProgress()
    {
        var partitions = new PartitionOffset[_count];
        var next = 0;
        for (var partition = 0; partition < _offsets.Length; partition++)
        {
            if (_offsets[partition] != Absent)
            {
                partitions[next++] = new(partition, _offsets[partition]);
            }
        }

        return KafkaProgress.Create(partitions);
    }

    private static uint Tag(int field) => ((uint)field << 3) | ProtoReader.Length;
}
