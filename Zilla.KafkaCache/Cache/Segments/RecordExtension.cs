using System.Text;

namespace Zilla.KafkaCache.Cache.Segments;

// A record's metadata as it is held and as it is sent: the bytes of a KafkaDataEx (kafka.proto), written once when the record comes in.
//
//   08 zz(partition)   10 zz(offset)   18 zz(timestamp)      fields with their default value are left out
//   22 len key                                                only if the key is not null
//   28 01                                                     only if the value is null
//   32 len { 0A len name   12 len value }                     per header; 12 only if the header's value is not null
internal static class RecordExtension
{
    private const byte PartitionTag = 0x08, OffsetTag = 0x10, TimestampTag = 0x18, KeyTag = 0x22, TombstoneTag = 0x28, HeaderTag = 0x32, NameTag = 0x0A, ValueTag = 0x12;

    public static int Measure(int partition, in RecordData record)
    {
        var length = Scalar(ZigZag(partition)) + Scalar(ZigZag(record.Offset)) + Scalar(ZigZag(record.Timestamp))
            + (record.HasKey ? Delimited(record.Key.Length) : 0) + (record.Tombstone ? 2 : 0);
        foreach (var header in record.Headers)
        {
            length += Delimited(MeasureHeader(header));
        }

        return length;

        static int Scalar(ulong value) => value == 0 ? 0 : 1 + VarintLength(value);
    }

    /// <summary>Writes what <see cref="Measure"/> measured and tells where in it the key's bytes start (0 when there are none).</summary>
    public static void Write(Span<byte> target, int partition, in RecordData record, out int keyStart)
    {
        var at = 0;
        Scalar(target, ref at, PartitionTag, ZigZag(partition));
        Scalar(target, ref at, OffsetTag, ZigZag(record.Offset));
        Scalar(target, ref at, TimestampTag, ZigZag(record.Timestamp));
        keyStart = 0;
        if (record.HasKey)
        {
            Tag(target, ref at, KeyTag, record.Key.Length);
            keyStart = at;
            record.Key.CopyTo(target[at..]);
            at += record.Key.Length;
        }

        if (record.Tombstone)
        {
            target[at++] = TombstoneTag;
            target[at++] = 1;
        }

        foreach (var header in record.Headers)
        {
            Tag(target, ref at, HeaderTag, MeasureHeader(header));
            if (header.Name.Length > 0)
            {
                Tag(target, ref at, NameTag, Encoding.UTF8.GetByteCount(header.Name));
                at += Encoding.UTF8.GetBytes(header.Name, target[at..]);
            }

            if (header.Value is { } value)
            {
                Tag(target, ref at, ValueTag, value.Length);
                value.CopyTo(target[at..]);
                at += value.Length;
            }
        }

        static void Scalar(Span<byte> target, ref int at, byte tag, ulong value)
        {
            if (value != 0)
            {
                target[at++] = tag;
                WriteVarint(target, ref at, value);
            }
        }

        static void Tag(Span<byte> target, ref int at, byte tag, int length)
        {
            target[at++] = tag;
            WriteVarint(target, ref at, (ulong)length);
        }
    }

    /// <summary>Goes through the headers of an extension that <see cref="Write"/> wrote (it is trusted: it never came over a wire).</summary>
    public static HeaderEnumerator EnumerateHeaders(ReadOnlySpan<byte> extension) => new(extension);

    private static int MeasureHeader(in RecordHeader header) =>
        (header.Name.Length > 0 ? Delimited(Encoding.UTF8.GetByteCount(header.Name)) : 0) + (header.Value is { } value ? Delimited(value.Length) : 0);

    private static int Delimited(int length) => 1 + VarintLength((ulong)length) + length;

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static int VarintLength(ulong value) => (64 - System.Numerics.BitOperations.LeadingZeroCount(value | 1) + 6) / 7;

    private static void WriteVarint(Span<byte> target, ref int at, ulong value)
    {
        while (value >= 0x80)
        {
            target[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[at++] = (byte)value;
    }

    private static ulong ReadVarint(ReadOnlySpan<byte> source, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = source[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    internal ref struct HeaderEnumerator(ReadOnlySpan<byte> extension)
    {
        private readonly ReadOnlySpan<byte> _extension = extension;
        private int _at;

        public ReadOnlySpan<byte> Name { get; private set; }
        public ReadOnlySpan<byte> Value { get; private set; }
        public bool HasValue { get; private set; }

        public bool MoveNext()
        {
            while (_at < _extension.Length)
            {
                var tag = _extension[_at++];
                var number = (int)ReadVarint(_extension, ref _at);
                if (tag == HeaderTag)
                {
                    Read(_extension.Slice(_at, number));
                    _at += number;
                    return true;
                }

                _at += tag == KeyTag ? number : 0;
            }

            return false;
        }

        private void Read(ReadOnlySpan<byte> header)
        {
            Name = default;
            Value = default;
            HasValue = false;
            for (var at = 0; at < header.Length;)
            {
                var tag = header[at++];
                var field = header[at..];
                var start = 0;
                var length = (int)ReadVarint(field, ref start);
                field = field.Slice(start, length);
                at += start + length;
                if (tag == NameTag)
                {
                    Name = field;
                }
                else
                {
                    Value = field;
                    HasValue = true;
                }
            }
        }
    }
}
