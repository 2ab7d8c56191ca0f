using System.Text;
using Zilla.KafkaCache.Cache.Partitions;
using Zilla.KafkaCache.Cache.Segments;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Tests.Cache;

/// <summary>Shorthand for records going in and coming out of partition logs.</summary>
internal static class Records
{
    public const long Timestamp = 1_767_225_600_000; // 2026-01-01T00:00:00Z, where ManualTime begins

    public static void Append(this PartitionLog log, long offset, string? key, string? value, long timestamp = Timestamp, params (string Name, string? Value)[] headers)
    {
        RecordHeader[] encoded = [.. headers.Select(h => new RecordHeader(Encoding.UTF8.GetBytes(h.Name), h.Value is null ? default(ReadOnlyMemory<byte>) : Encoding.UTF8.GetBytes(h.Value), h.Value is not null))];
        log.Append(new RecordData
        {
            Head = new() { Partition = log.Partition, Offset = offset, Timestamp = timestamp, Key = key is null ? default : Encoding.UTF8.GetBytes(key), HasKey = key is not null, IsTombstone = value is null },
            Value = value is null ? default : Encoding.UTF8.GetBytes(value),
            Headers = encoded,
        });
    }

    /// <summary>Reads what there is, as "offset:key=value"; null is written as -.</summary>
    public static List<string> ReadAll(this PartitionCursor cursor, long limit = long.MaxValue)
    {
        var read = new List<string>();
        while (cursor.TryRead(Math.Min(limit, long.MaxValue), out var record))
        {
            read.Add(Describe(record));
        }

        return read;
    }

    public static string Describe(in CachedRecord record) =>
        $"{record.Offset}:{(record.HasKey ? Encoding.UTF8.GetString(record.Key) : "-")}={(record.Tombstone ? "-" : Encoding.UTF8.GetString(record.Value.Span))}";

    public static RecordFilters KeyFilter(params string[] keys) => new(keys.Select(key => new KafkaFilter { Key = Google.Protobuf.ByteString.CopyFromUtf8(key) }));

    public static RecordFilters HeaderFilter(params (string Name, string? Value)[] headers)
    {
        var filter = new KafkaFilter();
        foreach (var (name, value) in headers)
        {
            var header = new KafkaHeader { Name = name };
            if (value is not null)
            {
                header.Value = Google.Protobuf.ByteString.CopyFromUtf8(value);
            }

            filter.Headers.Add(header);
        }

        return new([filter]);
    }
}
