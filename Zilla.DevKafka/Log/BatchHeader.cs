using System.Buffers.Binary;
using System.Numerics;

namespace Zilla.DevKafka.Log;

internal enum BatchResult
{
    NeedMore,
    Batch,
    Corrupt,
}

/// <summary>
/// The fixed part of a record batch, magic 2, as it lies on the wire and on disk (Kafka documentation, "Record Batch").
/// <code>
///  0 base offset: int64            21 attributes: int16 (0-2 codec, 3 log append time, 4 transactional, 5 control, 6 delete horizon)
///  8 length of the rest: int32     23 last offset delta: int32     43 producer id: int64
/// 12 partition leader epoch: int32 27 base timestamp: int64 (ms)   51 producer epoch: int16
/// 16 magic: int8 = 2               35 max timestamp: int64 (ms)    53 base sequence: int32
/// 17 CRC-32C of 21..end: uint32                                    57 record count: int32, then the records (compressed as a whole)
/// </code>
/// Base offset and leader epoch stand outside the CRC, so the broker sets them without touching what the client sent.
/// </summary>
internal readonly record struct BatchHeader(
    long BaseOffset,
    int Size,
    sbyte Magic,
    uint Crc,
    short Attributes,
    int LastOffsetDelta,
    long BaseTimestamp,
    long MaxTimestamp,
    long ProducerId,
    short ProducerEpoch,
    int BaseSequence,
    int RecordCount)
{
    public const int Length = 61;
    public const int SizePrefix = 12;
    public const int MagicAt = 16;
    public const int CrcAt = 17;
    public const int CrcCoversFrom = 21;
    public const sbyte CurrentMagic = 2;
    public const short LogAppendTimeBit = 0x08;
    public const short TransactionalBit = 0x10;
    public const short ControlBit = 0x20;
    public const short DeleteHorizonBit = 0x40;
    public const long NoProducer = -1;

    public Codec Codec => (Codec)(Attributes & 0x07);
    public bool IsTransactional => (Attributes & TransactionalBit) != 0;
    public bool IsControl => (Attributes & ControlBit) != 0;
    public bool StampedByBroker => (Attributes & LogAppendTimeBit) != 0;
    public bool HasDeleteHorizon => (Attributes & DeleteHorizonBit) != 0;
    public long LastOffset => BaseOffset + LastOffsetDelta;
    public long NextOffset => LastOffset + 1;

    /// <summary>Wraps after 2^31 - 1, as producers count.</summary>
    public int LastSequence => (int)((BaseSequence + (long)LastOffsetDelta) & int.MaxValue);

    /// <summary>
    /// Reads the header of the batch at the start of <paramref name="bytes"/>. It needs only the header, not the whole batch; the CRC is
    /// checked apart (<see cref="IsIntact"/>). A <see cref="Magic"/> other than 2 is given back with no other field to be trusted.
    /// </summary>
    public static BatchResult TryRead(ReadOnlySpan<byte> bytes, out BatchHeader header)
    {
        header = default;
        if (bytes.Length <= MagicAt)
        {
            return BatchResult.NeedMore;
        }

        var magic = (sbyte)bytes[MagicAt];
        if (magic != CurrentMagic)
        {
            header = new BatchHeader { Magic = magic };
            return magic is 0 or 1 ? BatchResult.Batch : BatchResult.Corrupt;
        }

        if (bytes.Length < Length)
        {
            return BatchResult.NeedMore;
        }

        var rest = BinaryPrimitives.ReadInt32BigEndian(bytes[8..]);
        if (rest < Length - SizePrefix || rest > int.MaxValue - SizePrefix)
        {
            return BatchResult.Corrupt;
        }

        header = new BatchHeader(
            BinaryPrimitives.ReadInt64BigEndian(bytes),
            SizePrefix + rest,
            magic,
            BinaryPrimitives.ReadUInt32BigEndian(bytes[CrcAt..]),
            BinaryPrimitives.ReadInt16BigEndian(bytes[21..]),
            BinaryPrimitives.ReadInt32BigEndian(bytes[23..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[27..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[35..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[43..]),
            BinaryPrimitives.ReadInt16BigEndian(bytes[51..]),
            BinaryPrimitives.ReadInt32BigEndian(bytes[53..]),
            BinaryPrimitives.ReadInt32BigEndian(bytes[57..]));
        return header.LastOffsetDelta < 0 || header.RecordCount < 0 || header.BaseOffset < 0 ? BatchResult.Corrupt : BatchResult.Batch;
    }

    /// <summary>Puts a batch at its offset: nothing that the CRC covers changes.</summary>
    public static void Place(Span<byte> header, long baseOffset)
    {
        BinaryPrimitives.WriteInt64BigEndian(header, baseOffset);
        BinaryPrimitives.WriteInt32BigEndian(header[SizePrefix..], 0);
    }

    /// <summary>Writes the header, with the CRC of header and <paramref name="records"/> computed anew.</summary>
    public void Write(Span<byte> destination, ReadOnlySpan<byte> records)
    {
        BinaryPrimitives.WriteInt64BigEndian(destination, BaseOffset);
        BinaryPrimitives.WriteInt32BigEndian(destination[8..], Length - SizePrefix + records.Length);
        BinaryPrimitives.WriteInt32BigEndian(destination[12..], 0);
        destination[MagicAt] = (byte)CurrentMagic;
        BinaryPrimitives.WriteInt16BigEndian(destination[21..], Attributes);
        BinaryPrimitives.WriteInt32BigEndian(destination[23..], LastOffsetDelta);
        BinaryPrimitives.WriteInt64BigEndian(destination[27..], BaseTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(destination[35..], MaxTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(destination[43..], ProducerId);
        BinaryPrimitives.WriteInt16BigEndian(destination[51..], ProducerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(destination[53..], BaseSequence);
        BinaryPrimitives.WriteInt32BigEndian(destination[57..], RecordCount);
        var crc = Crc32C(Crc32C(uint.MaxValue, destination[CrcCoversFrom..Length]), records);
        BinaryPrimitives.WriteUInt32BigEndian(destination[CrcAt..], ~crc);
    }

    /// <summary>Whether the whole batch in <paramref name="batch"/> is what its CRC says.</summary>
    public bool IsIntact(ReadOnlySpan<byte> batch) => ~Crc32C(uint.MaxValue, batch[CrcCoversFrom..Size]) == Crc;

    private static uint Crc32C(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return crc;
    }
}
