using System.Buffers.Binary;
using Zilla.DevKafka.Log;

namespace Zilla.DevKafka.Transactions;

/// <summary>
/// The record that ends a transaction in a partition, alone in a batch with the control and transactional bits set (Kafka documentation, "Control Batches").
/// <code>
/// key:   version: int16 = 0 | type: int16 (0 abort, 1 commit)
/// value: version: int16 = 0 | coordinator epoch: int32
/// </code>
/// </summary>
internal static class TransactionMarker
{
    private const short ControlAttributes = BatchHeader.TransactionalBit | BatchHeader.ControlBit;
    private const short Commit = 1;

    /// <summary>A whole batch, to be placed at its offset. <paramref name="now"/> in ms since 1970.</summary>
    public static byte[] Build(long producerId, short producerEpoch, bool commit, long now)
    {
        var key = new byte[4];
        BinaryPrimitives.WriteInt16BigEndian(key.AsSpan(2), commit ? Commit : (short)0);
        var builder = new BatchBuilder();
        builder.Add(new Record(0, 0, key, new byte[6], default));
        return builder.Build(new BatchHeader
        {
            Attributes = ControlAttributes,
            BaseTimestamp = now,
            MaxTimestamp = now,
            ProducerId = producerId,
            ProducerEpoch = producerEpoch,
            BaseSequence = -1,
        });
    }

    /// <summary>Whether the control batch commits; what is no such marker does not.</summary>
    public static bool IsCommit(in BatchHeader header, ReadOnlyMemory<byte> batch) =>
        new RecordReader(batch[BatchHeader.Length..header.Size]).TryRead(out var record)
        && record.Key is { Length: >= 4 } key
        && BinaryPrimitives.ReadInt16BigEndian(key.Span[2..]) == Commit;
}
