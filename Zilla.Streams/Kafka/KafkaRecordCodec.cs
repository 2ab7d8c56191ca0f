using System.Buffers;
using Zilla.Streams.Protobuf;

namespace Zilla.Streams.Kafka;

/// <summary>Reads and writes <c>KafkaDataEx</c> of kafka.proto, byte for byte as the generated code does, without objects per record.</summary>
/// <remarks>
/// <code>
/// 08 zigzag partition │ 10 zigzag offset │ 18 zigzag timestamp │ 22 length key │ 28 01 tombstone │ { 32 length { 0A length name │ 12 length value } }* │ 3A length partition key
/// </code>
/// A field with its default value is left out; keys and header value are there when not null, be they empty.
/// </remarks>
public static class KafkaRecordCodec
{
    internal const byte HeadersTag = (6 << 3) | ProtoReader.Length;

    private const byte PartitionTag = (1 << 3) | ProtoReader.Varint;
    private const byte OffsetTag = (2 << 3) | ProtoReader.Varint;
    private const byte TimestampTag = (3 << 3) | ProtoReader.Varint;
    private const byte KeyTag = (4 << 3) | ProtoReader.Length;
    private const byte TombstoneTag = (5 << 3) | ProtoReader.Varint;
    private const byte PartitionKeyTag = (7 << 3) | ProtoReader.Length;
    private const byte NameTag = (1 << 3) | ProtoReader.Length;
    private const byte ValueTag = (2 << 3) | ProtoReader.Length;

    /// <summary>Behind a record that is encoded, this makes a tombstone of it: the field may stand anywhere between others.</summary>
    public static ReadOnlySpan<byte> Tombstone => [TombstoneTag, 1];

    /// <summary>False when the extension is not a sound <c>KafkaDataEx</c>. Fields of later versions are passed over.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> extension, ReadOnlyMemory<byte> value, out KafkaRecord record)
    {
        record = default;
        var (partition, offset, timestamp, key, hasKey, tombstone, headers) = (0, 0L, 0L, default(ReadOnlyMemory<byte>), false, 0UL, -1);
        var (partitionKey, hasPartitionKey) = (default(ReadOnlyMemory<byte>), false);
        var reader = new ProtoReader(extension.Span);
        while (!reader.AtEnd)
        {
            var position = reader.Position;
            if (!reader.TryReadTag(out var tag))
            {
                return false;
            }

            var (sound, start, length) = (true, 0, 0);
            switch (tag)
            {
                case PartitionTag:
                    sound = reader.TryReadSigned32(out partition);
                    break;
                case OffsetTag:
                    sound = reader.TryReadSigned64(out offset);
                    break;
                case TimestampTag:
                    sound = reader.TryReadSigned64(out timestamp);
                    break;
                case KeyTag:
                    sound = reader.TryReadLength(out start, out length);
                    key = extension.Slice(start, length);
                    hasKey = true;
                    break;
                case TombstoneTag:
                    sound = reader.TryReadVarint(out tombstone);
                    break;
                case HeadersTag:
                    sound = reader.TryReadLength(out start, out length) && TryReadHeader(extension.Slice(start, length), out _);
                    headers = headers < 0 ? position : headers;
                    break;
                case PartitionKeyTag:
                    sound = reader.TryReadLength(out start, out length);
                    partitionKey = extension.Slice(start, length);
                    hasPartitionKey = true;
                    break;
                default:
                    sound = reader.TrySkip(tag);
                    break;
            }

            if (!sound)
            {
                return false;
            }
        }

        record = new(extension, headers, value)
        {
            Partition = partition,
            Offset = offset,
            Timestamp = timestamp,
            Key = key,
            HasKey = hasKey,
            IsTombstone = tombstone != 0,
            PartitionKey = partitionKey,
            HasPartitionKey = hasPartitionKey,
        };
        return true;
    }

    /// <summary>The exact number of bytes that <see cref="Write(in KafkaRecordHead, ReadOnlySpan{RecordHeader}, Span{byte})"/> writes.</summary>
    public static int Size(in KafkaRecordHead head, ReadOnlySpan<RecordHeader> headers)
    {
        var size = HeadSize(head);
        foreach (var header in headers)
        {
            size += HeaderSize(header.Name.Length, header.Value.Length, header.HasValue);
        }

        return size + TailSize(head);
    }

    public static int Write(in KafkaRecordHead head, ReadOnlySpan<RecordHeader> headers, Span<byte> destination)
    {
        var position = WriteHead(head, destination);
        foreach (var header in headers)
        {
            position += WriteHeader(header.Name.Span, header.Value.Span, header.HasValue, destination[position..]);
        }

        return position + WriteTail(head, destination[position..]);
    }

    /// <summary>The same in an array of its own.</summary>
    public static byte[] Encode(in KafkaRecordHead head, ReadOnlySpan<RecordHeader> headers)
    {
        var encoded = new byte[Size(head, headers)];
        Write(head, headers, encoded);
        return encoded;
    }

    public static void Write(in KafkaRecordHead head, ReadOnlySpan<RecordHeader> headers, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        destination.Advance(Write(head, headers, destination.GetSpan(Size(head, headers))));
    }

    /// <summary>For a caller that has its headers in another form: the head first, then each header by <see cref="WriteHeader(ReadOnlySpan{byte}, ReadOnlySpan{byte}, bool, Span{byte})"/>, then the tail.</summary>
    public static int HeadSize(in KafkaRecordHead head) =>
        (head.Partition == 0 ? 0 : 1 + ProtoWriter.VarintSize(ProtoWriter.ZigZag(head.Partition)))
        + (head.Offset == 0 ? 0 : 1 + ProtoWriter.VarintSize(ProtoWriter.ZigZag(head.Offset)))
        + (head.Timestamp == 0 ? 0 : 1 + ProtoWriter.VarintSize(ProtoWriter.ZigZag(head.Timestamp)))
        + (head.HasKey ? 1 + ProtoWriter.LengthSize(head.Key.Length) : 0)
        + (head.IsTombstone ? 2 : 0);

    public static int WriteHead(in KafkaRecordHead head, Span<byte> destination)
    {
        var writer = new ProtoWriter(destination);
        if (head.Partition != 0)
        {
            writer.WriteVarintField(PartitionTag, ProtoWriter.ZigZag(head.Partition));
        }

        if (head.Offset != 0)
        {
            writer.WriteVarintField(OffsetTag, ProtoWriter.ZigZag(head.Offset));
        }

        if (head.Timestamp != 0)
        {
            writer.WriteVarintField(TimestampTag, ProtoWriter.ZigZag(head.Timestamp));
        }

        if (head.HasKey)
        {
            writer.WriteLengthField(KeyTag, head.Key);
        }

        if (head.IsTombstone)
        {
            writer.WriteVarintField(TombstoneTag, 1);
        }

        return writer.Position;
    }

    public static int HeaderSize(int nameLength, int valueLength, bool hasValue = true) => 1 + ProtoWriter.LengthSize(HeaderBodySize(nameLength, valueLength, hasValue));

    public static int WriteHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool hasValue, Span<byte> destination)
    {
        var writer = new ProtoWriter(destination);
        writer.WriteVarintField(HeadersTag, (uint)HeaderBodySize(name.Length, value.Length, hasValue));
        if (!name.IsEmpty)
        {
            writer.WriteLengthField(NameTag, name);
        }

        if (hasValue)
        {
            writer.WriteLengthField(ValueTag, value);
        }

        return writer.Position;
    }

    public static void WriteHeader(in RecordHeader header, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var size = HeaderSize(header.Name.Length, header.Value.Length, header.HasValue);
        destination.Advance(WriteHeader(header.Name.Span, header.Value.Span, header.HasValue, destination.GetSpan(size)));
    }

    /// <summary>What stands behind the headers: nothing, unless the head has a partition key.</summary>
    public static int TailSize(in KafkaRecordHead head) => head.HasPartitionKey ? 1 + ProtoWriter.LengthSize(head.PartitionKey.Length) : 0;

    public static int WriteTail(in KafkaRecordHead head, Span<byte> destination)
    {
        var writer = new ProtoWriter(destination);
        if (head.HasPartitionKey)
        {
            writer.WriteLengthField(PartitionKeyTag, head.PartitionKey);
        }

        return writer.Position;
    }

    internal static bool TryReadHeader(ReadOnlyMemory<byte> encoded, out RecordHeader header)
    {
        header = default;
        var (name, value, hasValue) = (default(ReadOnlyMemory<byte>), default(ReadOnlyMemory<byte>), false);
        var reader = new ProtoReader(encoded.Span);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadTag(out var tag))
            {
                return false;
            }

            var (start, length) = (0, 0);
            if (!(tag is NameTag or ValueTag ? reader.TryReadLength(out start, out length) : reader.TrySkip(tag)))
            {
                return false;
            }

            if (tag == NameTag)
            {
                name = encoded.Slice(start, length);
            }
            else if (tag == ValueTag)
            {
                value = encoded.Slice(start, length);
                hasValue = true;
            }
        }

        header = new(name, value, hasValue);
        return true;
    }

    private static int HeaderBodySize(int nameLength, int valueLength, bool hasValue) =>
        (nameLength == 0 ? 0 : 1 + ProtoWriter.LengthSize(nameLength)) + (hasValue ? 1 + ProtoWriter.LengthSize(valueLength) : 0);
}
