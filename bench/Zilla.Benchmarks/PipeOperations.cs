using System.Buffers;
using Zilla.Edge.Cache;
using Zilla.KafkaCache.Conversion;
using Zilla.KafkaCache.Produce;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.Benchmarks;

/// <summary>Many records of 64 B with a key and five headers, as an MQTT client's: on the edge's side of a produce stream and on the cache's.</summary>
internal static class PipeOperations
{
    private const int Records = 100;

    private static readonly RecordHeader[] Headers =
    [
        new("zilla:filter"u8.ToArray(), "sensors"u8.ToArray()),
        new("zilla:filter"u8.ToArray(), "17"u8.ToArray()),
        new("zilla:filter"u8.ToArray(), "state"u8.ToArray()),
        new("zilla:local"u8.ToArray(), "client-17"u8.ToArray()),
        new("zilla:qos"u8.ToArray(), "1"u8.ToArray()),
    ];

    public static IEnumerable<Operation> All()
    {
        var head = new KafkaRecordHead { Partition = -1, Offset = -1, Key = "sensors/17/state"u8, HasKey = true };
        var extension = KafkaRecordCodec.Encode(head, Headers);
        return All(extension, new byte[64]);
    }

    private static IEnumerable<Operation> All(byte[] extension, byte[] value)
    {
        var pipe = new PipeRecords(1 << 20);
        var receiver = new Counter();
        var told = new List<PipeCompletion>(Records);
        var results = new ProducedResults();
        var sent = 0L;
        yield return new("pipe: take, send and answer 100 records", () =>
        {
            for (var i = 0; i < Records; i++)
            {
                pipe.TryAdd(new PipeRecord(extension, new ReadOnlySequence<byte>(value)), receiver, (ulong)i, 0);
            }

            while (pipe.TrySend(out _, out _))
            {
                results.Add(sent, 0, sent);
                sent++;
            }

            var runs = new ProducedReader(results.Take().Span);
            while (runs.TryRead(out var run))
            {
                pipe.Answer(run, again: false, told);
            }

            told.ForEach(static completion => completion.Receiver.Produced(completion.Tag, completion.Outcome));
            told.Clear();
            return receiver.Count;
        });
        var messages = new KafkaMessages("topic", new Begin(), IRecordConversion.None, new KafkaCache.CacheOptions());
        yield return new("cache: a record as a message for Kafka", () =>
        {
            KafkaRecordCodec.TryRead(extension, value, out var record);
            return messages.ToMessage(record).Headers.Count;
        });
    }

    private sealed class Counter : IProduceReceiver
    {
        public long Count { get; private set; }

        public void Produced(ulong tag, in ProduceOutcome outcome) => Count++;
    }
}
