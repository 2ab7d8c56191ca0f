using System.Buffers.Binary;
using Google.Protobuf;
using Zilla.KafkaCache.Cache;
using Zilla.KafkaCache.Cache.Partitions;
using Zilla.KafkaCache.Cache.Segments;
using Zilla.KafkaCache.Cache.Topics;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.Benchmarks;

/// <summary>Records of 256 B with a key and one header, into a partition of the cache and out of it.</summary>
internal static class PartitionOperations
{
    /// <summary>Memory that a partition may hold, by the bytes of the records in it.</summary>
    public const double MostOverhead = 1.3;

    private const int Records = 1000;

    private static readonly byte[] Value = new byte[256];
    private static readonly RecordHeader[] Headers = [new("content-type"u8.ToArray(), "application/json"u8.ToArray())];

    public static IEnumerable<Operation> All()
    {
        var full = Fill(Records * 10, out _);
        var one = new RecordFilters([new KafkaFilter { Key = ByteString.CopyFrom(KeyOf(7777)) }]);
        yield return new("partition: append 1,000 records", () => Fill(Records, out _).NextOffset);
        yield return new("partition: read 10,000 records", () => Read(full, RecordFilters.All));
        yield return new("partition: read one key of 10,000", () => Read(full, one));
    }

    /// <summary>Memory held for 100,000 records, by their bytes; compacted: each with a key of its own.</summary>
    public static double Overhead(bool compacted) => Fill(Records * 100, out var bytes, compacted).HeldBytes / (double)bytes;

    private static long Read(PartitionLog log, RecordFilters filters)
    {
        var cursor = new PartitionCursor(log, 0, filters);
        var read = 0L;
        while (cursor.TryRead(long.MaxValue, out _))
        {
            read++;
        }

        return read;
    }

    private static PartitionLog Fill(int records, out long bytes, bool compacted = false)
    {
        var log = new PartitionLog(0, compacted ? new() { Compact = true, Delete = false } : TopicPolicy.Default, new MemoryBudget(long.MaxValue), TimeProvider.System);
        bytes = 0;
        Span<byte> key = stackalloc byte[8];
        for (var i = 0; i < records; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(key, i);
            var record = new RecordData { Head = new() { Offset = i, Timestamp = 1_790_000_000_000, Key = key, HasKey = true }, Headers = Headers, Value = Value };
            log.Append(record);
            bytes += record.ExtensionLength + Value.Length;
        }

        log.Maintain(-1);
        return log;
    }

    private static byte[] KeyOf(long key)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, key);
        return bytes;
    }
}
