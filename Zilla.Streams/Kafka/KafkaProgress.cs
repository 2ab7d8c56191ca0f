using System.Diagnostics.CodeAnalysis;

namespace Zilla.Streams.Kafka;

/// <summary>
/// How far a reader has come in a topic: the next offset per partition. It is the ETag, the SSE event id and the gRPC resume field.
/// Immutable; partitions in ascending order. Encoding: <see cref="ProgressCodec"/>.
/// </summary>
public sealed class KafkaProgress : IEquatable<KafkaProgress>
{
    /// <summary>Both the number of partitions and the highest id (exclusive) that an encoded progress may have.</summary>
    public const int MaxPartitions = 16_384;

    private readonly PartitionOffset[] _partitions;

    private KafkaProgress(PartitionOffset[] ascending) => _partitions = ascending;

    /// <summary>No partition at all.</summary>
    public static KafkaProgress Empty { get; } = new([]);

    /// <summary>A progress of one partition, as the reply to a produced record has it.</summary>
    public static KafkaProgress Of(int partition, long offset) => Create([new(partition, offset)]);

    /// <exception cref="ArgumentException">A partition is named twice, an id is not in 0..<see cref="MaxPartitions"/>-1, or an offset is below -1.</exception>
    public static KafkaProgress Create(ReadOnlySpan<PartitionOffset> partitions) =>
        TryCreate(partitions.ToArray(), out var progress) ? progress : throw new ArgumentException("A partition is named twice or out of range.", nameof(partitions));

    public ReadOnlySpan<PartitionOffset> Partitions => _partitions;

    /// <summary>The next offset of a partition, or null when the progress does not name it.</summary>
    public long? this[int partition] => Find(partition) is var found and >= 0 ? _partitions[found].Offset : null;

    public int EncodedLength => ProgressCodec.Length(_partitions);

    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out KafkaProgress? progress)
    {
        progress = null;
        return ProgressCodec.TryDecode(bytes, out var partitions) && TryCreate(partitions, out progress);
    }

    /// <summary>Reads the base64url text form, whose padding is obligatory. Anything else gives false, to be taken for absent.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out KafkaProgress? progress)
    {
        progress = null;
        return ProgressText.TryParse(text, out var bytes) && TryDecode(bytes, out progress);
    }

    public byte[] Encode()
    {
        var bytes = new byte[EncodedLength];
        ProgressCodec.Encode(_partitions, bytes);
        return bytes;
    }

    /// <summary>Writes <see cref="EncodedLength"/> bytes.</summary>
    public int Encode(Span<byte> destination) => ProgressCodec.Encode(_partitions, destination);

    public string ToBase64Url() => ProgressText.Format(Encode());

    public override string ToString() => ToBase64Url();

    public KafkaProgress With(int partition, long offset)
    {
        var found = Find(partition);
        PartitionOffset[] changed = [.. _partitions];
        if (found >= 0)
        {
            changed[found] = new(partition, offset);
        }
        else
        {
            changed = [.. changed, new(partition, offset)];
        }

        return Create(changed);
    }

    /// <summary>Whether whoever is here has everything that <paramref name="other"/> has. A partition not named counts as offset 0.</summary>
    public bool Covers(KafkaProgress other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var (partition, offset) in other._partitions)
        {
            if (offset > (this[partition] ?? 0))
            {
                return false;
            }
        }

        return true;
    }

    public bool Equals(KafkaProgress? other) => other is not null && Partitions.SequenceEqual(other.Partitions);

    public override bool Equals(object? obj) => Equals(obj as KafkaProgress);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var partition in _partitions)
        {
            hash.Add(partition);
        }

        return hash.ToHashCode();
    }

    private static bool TryCreate(PartitionOffset[] partitions, [NotNullWhen(true)] out KafkaProgress? progress)
    {
        progress = null;
        Array.Sort(partitions, static (a, b) => a.Partition.CompareTo(b.Partition));
        var previous = -1;
        foreach (var (partition, offset) in partitions)
        {
            if (partition <= previous || partition >= MaxPartitions || offset < -1)
            {
                return false;
            }

            previous = partition;
        }

        progress = new(partitions);
        return true;
    }

    private int Find(int partition)
    {
        var (low, high) = (0, _partitions.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var found = _partitions[middle].Partition;
            if (found == partition)
            {
                return middle;
            }

            (low, high) = found < partition ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }
}
