using System.IO.Compression;
using System.Text;
using Zilla.DevKafka.Log;

namespace Zilla.DevKafka.Tests.Log;

/// <summary>Batches for tests. <see cref="Foreign"/> was made by another implementation (python-kafka 2.0.2), CRC included.</summary>
internal static class Batches
{
    public static byte[] Foreign { get; } = Convert.FromHexString(string.Concat(
        "0000000000000000", // base offset 0
        "00000049",         // 73 bytes follow
        "00000000",         // leader epoch
        "02",               // magic
        "27b79bd2",         // CRC-32C
        "0000",             // attributes: nothing
        "00000001",         // last offset delta
        "00000174876e8000", // base timestamp 1600000000000
        "00000174876e8005", // max timestamp
        "ffffffffffffffff", // no producer
        "ffff",             // no epoch
        "ffffffff",         // no sequence
        "00000002",         // two records
        "1c0000" + "00" + "046b31" + "047631" + "02" + "0268" + "0278", // 14 bytes: k1 = v1, header h = x
        "10000a" + "02" + "046b32" + "01" + "00"));                     // 8 bytes, 5 ms later: k2 = null, no headers

    public static byte[] Of(params (string? Key, string? Value)[] records) => Build(default, records);

    public static byte[] At(long timestamp, params (string? Key, string? Value)[] records) =>
        Build(new BatchHeader { BaseTimestamp = timestamp, MaxTimestamp = timestamp }, records);

    public static byte[] From(long producer, short epoch, int sequence, int count = 1) =>
        Build(new BatchHeader { ProducerId = producer, ProducerEpoch = epoch, BaseSequence = sequence }, [.. Enumerable.Range(sequence, count).Select(i => ((string?)$"k{i}", (string?)"v"))], producer: true);

    public static byte[] InTransaction(long producer, short epoch, int sequence, params (string? Key, string? Value)[] records) =>
        Build(new BatchHeader { Attributes = BatchHeader.TransactionalBit, ProducerId = producer, ProducerEpoch = epoch, BaseSequence = sequence }, records, producer: true);

    public static byte[] Gzip(byte[] batch)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest))
        {
            gzip.Write(batch.AsSpan(BatchHeader.Length));
        }

        return Recode(batch, Codec.Gzip, target.ToArray());
    }

    /// <summary>Claims a codec the broker does not open; what lies inside does not matter.</summary>
    public static byte[] Opaque(byte[] batch) => Recode(batch, Codec.Zstd, [1, 2, 3, 4]);

    private static byte[] Recode(byte[] batch, Codec codec, byte[] records)
    {
        BatchHeader.TryRead(batch, out var header);
        var result = new byte[BatchHeader.Length + records.Length];
        records.CopyTo(result, BatchHeader.Length);
        (header with { Attributes = (short)(header.Attributes | (short)codec) }).Write(result, records);
        return result;
    }

    private static byte[] Build(BatchHeader header, (string? Key, string? Value)[] records, bool producer = false)
    {
        var builder = new BatchBuilder();
        foreach (var (key, value) in records)
        {
            builder.Add(new DevKafka.Log.Record(builder.Count, 0, Bytes(key), Bytes(value), default));
        }

        header = producer ? header : header with { ProducerId = -1, ProducerEpoch = -1, BaseSequence = -1 };
        return builder.Build(header with { LastOffsetDelta = records.Length - 1 });
    }

    private static ReadOnlyMemory<byte>? Bytes(string? text) => text is null ? default(ReadOnlyMemory<byte>?) : Encoding.UTF8.GetBytes(text);
}
