using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Log;

/// <summary>What a batch must satisfy before it may enter a log. Compressed records are not opened: they are stored as sent.</summary>
internal static class BatchValidator
{
    public static ErrorCode Validate(ReadOnlyMemory<byte> batch, int maximumSize, bool keysRequired, out BatchHeader header)
    {
        switch (BatchHeader.TryRead(batch.Span, out header))
        {
            case BatchResult.NeedMore or BatchResult.Corrupt:
                return ErrorCode.CorruptMessage;
            case BatchResult.Batch when header.Magic != BatchHeader.CurrentMagic:
                return ErrorCode.UnsupportedForMessageFormat;
        }

        if (header.Size > maximumSize)
        {
            return ErrorCode.MessageTooLarge;
        }

        if (header.Size != batch.Length)
        {
            // More than one batch per partition and request is not allowed since Produce v3.
            return header.Size < batch.Length ? ErrorCode.InvalidRecord : ErrorCode.CorruptMessage;
        }

        if (!header.IsIntact(batch.Span))
        {
            return ErrorCode.CorruptMessage;
        }

        if (header.Codec > Codec.Zstd)
        {
            return ErrorCode.UnsupportedCompressionType;
        }

        // Control batches are the broker's own.
        if (header.IsControl || header.RecordCount < 1 || header.RecordCount != header.LastOffsetDelta + 1)
        {
            return ErrorCode.InvalidRecord;
        }

        if (header.ProducerId >= 0 ? header.ProducerEpoch < 0 || header.BaseSequence < 0 : header.IsTransactional)
        {
            return ErrorCode.InvalidRecord;
        }

        return header.Codec == Codec.None ? ValidateRecords(batch[BatchHeader.Length..], header.RecordCount, keysRequired) : ErrorCode.None;
    }

    private static ErrorCode ValidateRecords(ReadOnlyMemory<byte> records, int count, bool keysRequired)
    {
        var reader = new RecordReader(records);
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryRead(out var record) || record.OffsetDelta != i || (keysRequired && record.Key is null))
            {
                return ErrorCode.InvalidRecord;
            }
        }

        return reader.AtEnd ? ErrorCode.None : ErrorCode.InvalidRecord;
    }
}
