using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Groups;

/// <summary>
/// How offsets lie in their log.
/// <code>
/// key:   format: int16 = 0 | group | topic | partition: int32
///        format: int16 = 1 | producer id: int64 | group | topic | partition: int32 (pending in that producer's transaction)
/// value: offset: int64 | leader epoch: int32 | metadata | committed at: int64 (ms); none = forgotten
/// </code>
/// </summary>
internal static class OffsetKey
{
    private const short Committed = 0;
    private const short Pending = 1;

    /// <summary>The key's parts; a producer id only where it is pending. Null for a format of the future.</summary>
    public static (long? ProducerId, string Group, TopicPartition Partition)? Read(ReadOnlyMemory<byte> bytes)
    {
        var key = new WireReader(bytes);
        var format = key.Int16();
        if (format is not (Committed or Pending))
        {
            return null;
        }

        long? producer = format == Pending ? key.Int64() : null;
        return (producer, key.String(), new TopicPartition(key.String(), key.Int32()));
    }

    public static byte[] Of(string group, TopicPartition partition) => Write(null, group, partition);

    public static byte[] Of(in PendingOffset pending) => Write(pending.ProducerId, pending.Group, pending.Partition);

    public static CommittedOffset ReadValue(ReadOnlyMemory<byte> bytes)
    {
        var value = new WireReader(bytes);
        return new(value.Int64(), value.Int32(), value.String(), value.Int64());
    }

    public static byte[] Value(CommittedOffset offset)
    {
        using var writer = new WireWriter();
        writer.Int64(offset.Offset);
        writer.Int32(offset.LeaderEpoch);
        writer.String(offset.Metadata);
        writer.Int64(offset.CommittedAt);
        return writer.Written.ToArray();
    }

    private static byte[] Write(long? producerId, string group, TopicPartition partition)
    {
        using var writer = new WireWriter();
        writer.Int16(producerId is null ? Committed : Pending);
        if (producerId is { } id)
        {
            writer.Int64(id);
        }

        writer.String(group);
        writer.String(partition.Topic);
        writer.Int32(partition.Partition);
        return writer.Written.ToArray();
    }
}
