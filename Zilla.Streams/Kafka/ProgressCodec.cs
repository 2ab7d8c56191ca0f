using Zilla.Streams.Protobuf;

namespace Zilla.Streams.Kafka;

/// <summary>The wire form of a progress, the same as Zilla's, so that ids given out by either are understood by the other (reference §4.1).</summary>
/// <remarks>
/// <code>
/// 01 │ zigzag-varint32 number of partitions │ { zigzag-varint32 partition │ zigzag-varint64 offset } per partition
/// 01 04 00 04 02 02 = p0 → 2, p1 → 1
/// </code>
/// </remarks>
internal static class ProgressCodec
{
    public const byte Version = 1;

    public static int Length(ReadOnlySpan<PartitionOffset> partitions)
    {
        var length = 1 + CountLength(partitions.Length);
        foreach (var (partition, offset) in partitions)
        {
            length += Length(partition, offset);
        }

        return length;
    }

    public static int CountLength(int count) => ProtoWriter.VarintSize(ProtoWriter.ZigZag(count));

    public static int Length(int partition, long offset) =>
        ProtoWriter.VarintSize(ProtoWriter.ZigZag(partition)) + ProtoWriter.VarintSize(ProtoWriter.ZigZag(offset));

    public static int Encode(ReadOnlySpan<PartitionOffset> partitions, Span<byte> destination)
    {
        var writer = new ProtoWriter(destination);
        writer.WriteByte(Version);
        writer.WriteVarint(ProtoWriter.ZigZag(partitions.Length));
        foreach (var (partition, offset) in partitions)
        {
            writer.WriteVarint(ProtoWriter.ZigZag(partition));
            writer.WriteVarint(ProtoWriter.ZigZag(offset));
        }

        return writer.Position;
    }

    /// <summary>Gives the partitions in the order they stand in; whether ids repeat is for the caller to check.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out PartitionOffset[] partitions)
    {
        partitions = [];
        if (bytes.IsEmpty || bytes[0] != Version)
        {
            return false;
        }

        // Two bytes is the least a partition takes: a count beyond that is a lie and allocates nothing.
        var reader = new ProtoReader(bytes, 1);
        if (!TryReadInt32(ref reader, out var count) || count < 0 || count > KafkaProgress.MaxPartitions || count > (bytes.Length - reader.Position) / 2)
        {
            return false;
        }

        var decoded = new PartitionOffset[count];
        for (var i = 0; i < count; i++)
        {
            if (!TryReadInt32(ref reader, out var partition) || !reader.TryReadSigned64(out var offset))
            {
                return false;
            }

            decoded[i] = new(partition, offset);
        }

        partitions = decoded;
        return reader.AtEnd;
    }

    private static bool TryReadInt32(ref ProtoReader reader, out int value)
    {
        var read = reader.TryReadSigned64(out var wide);
        value = (int)wide;
        return read && value == wide;
    }
}
