using System.Buffers;
using Zilla.Edge.Cache;
using Zilla.EdgeHttp.Sse;
using Zilla.EdgeHttp.SseKafka;
using Zilla.Streams.Kafka;

namespace Zilla.Benchmarks;

/// <summary>One server-sent event from one record, id and all.</summary>
internal static class EventOperations
{
    public static IEnumerable<Operation> All()
    {
        var output = new ArrayBufferWriter<byte>(4096);
        yield return new("event: write", Writing(output, idWithKey: false));
        yield return new("event: write, key in the id", Writing(output, idWithKey: true));
    }

    private static Func<long> Writing(ArrayBufferWriter<byte> output, bool idWithKey)
    {
        byte[] encoded = [.. Encode()];
        byte[] value = new byte[256];
        KafkaRecordCodec.TryRead(encoded, value, out var record);
        var position = new ProgressVector();
        position.TryPass(record);
        return () =>
        {
            output.ResetWrittenCount();
            EventId.Write(output, position, record, idWithKey);
            SseWriter.Data(output, record.Value.Span);
            SseWriter.EndOfEvent(output);
            return output.WrittenCount;
        };
    }

    private static byte[] Encode()
    {
        var head = new KafkaRecordHead { Partition = 0, Offset = 123_456, Timestamp = 1_790_000_000_000, Key = "3f2b8c1e"u8, HasKey = true };
        RecordHeader[] headers = [new("content-type"u8.ToArray(), "application/json"u8.ToArray())];
        return KafkaRecordCodec.Encode(head, headers);
    }
}
