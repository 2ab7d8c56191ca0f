using System.Buffers;

namespace Zilla.DevKafka.Log;

/// <summary>Writes an uncompressed batch record by record: for compaction and for the broker's own records.</summary>
internal sealed class BatchBuilder
{
    private readonly ArrayBufferWriter<byte> _records = new();
    private readonly ArrayBufferWriter<byte> _body = new();

    public int Count { get; private set; }

    public void Add(in Record record)
    {
        _body.ResetWrittenCount();
        _body.Write<byte>([0]);
        Varint(_body, record.TimestampDelta);
        Varint(_body, record.OffsetDelta);
        Bytes(_body, record.Key);
        Bytes(_body, record.Value);
        if (record.Headers.IsEmpty)
        {
            Varint(_body, 0);
        }
        else
        {
            _body.Write(record.Headers.Span);
        }

        Varint(_records, _body.WrittenCount);
        _records.Write(_body.WrittenSpan);
        Count++;
    }

    /// <summary>The finished batch: <paramref name="header"/> with size, codec, record count and CRC set for the records added.</summary>
    public byte[] Build(BatchHeader header)
    {
        var batch = new byte[BatchHeader.Length + _records.WrittenCount];
        _records.WrittenSpan.CopyTo(batch.AsSpan(BatchHeader.Length));
        var final = header with { RecordCount = Count, Attributes = (short)(header.Attributes & ~0x07) };
        final.Write(batch, batch.AsSpan(BatchHeader.Length));
        _records.ResetWrittenCount();
        Count = 0;
        return batch;
    }

    private static void Bytes(ArrayBufferWriter<byte> writer, ReadOnlyMemory<byte>? bytes)
    {
        Varint(writer, bytes?.Length ?? -1);
        if (bytes is { } some)
        {
            writer.Write(some.Span);
        }
    }

    private static void Varint(ArrayBufferWriter<byte> writer, long value)
    {
        var raw = (ulong)(value << 1) ^ (ulong)(value >> 63);
        var span = writer.GetSpan(10);
        var count = 0;
        for (; raw >= 0x80; raw >>= 7)
        {
            span[count++] = (byte)(raw | 0x80);
        }

        span[count++] = (byte)raw;
        writer.Advance(count);
    }
}
