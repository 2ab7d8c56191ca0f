using Zilla.Streams.Kafka;

namespace Zilla.Benchmarks;

/// <summary>A record's metadata: a key and two headers.</summary>
internal static class RecordOperations
{
    private static readonly byte[] Key = "3f2b8c1e-0c3a-4a7e"u8.ToArray();

    private static readonly RecordHeader[] Headers =
    [
        new("content-type"u8.ToArray(), "application/json"u8.ToArray()),
        new("traceparent"u8.ToArray(), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"u8.ToArray()),
    ];

    public static IEnumerable<Operation> All()
    {
        var encoded = new byte[KafkaRecordCodec.Size(Head(), Headers)];
        yield return new("record: write", () => KafkaRecordCodec.Write(Head(), Headers, encoded));
        yield return new("record: read with headers", () => Read(encoded));
    }

    private static KafkaRecordHead Head() => new() { Partition = 3, Offset = 123_456_789, Timestamp = 1_790_000_000_000, Key = Key, HasKey = true };

    private static long Read(byte[] encoded)
    {
        if (!KafkaRecordCodec.TryRead(encoded, default, out var record))
        {
            throw new InvalidDataException();
        }

        var bytes = 0L;
        foreach (var header in record.Headers)
        {
            bytes += header.Value.Length;
        }

        return bytes;
    }
}
