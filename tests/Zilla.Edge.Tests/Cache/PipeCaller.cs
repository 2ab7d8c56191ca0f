using System.Buffers;
using System.Text;
using Zilla.Edge.Cache;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.Edge.Tests.Cache;

/// <summary>Produces numbered records to a target, and keeps what became of them in the order in which it was told.</summary>
internal sealed class PipeCaller(ProducePipes pipes, ProduceRetry retry, KafkaProduce.Types.Acks acks = KafkaProduce.Types.Acks.InSyncReplicas) : IProduceReceiver
{
    private static readonly byte[] Extension = EncodedHead();

    private readonly Lock _gate = new();
    private readonly List<(ulong Number, ProduceOutcome Outcome)> _told = [];

    public PipeTarget Target { get; } = new(new TopicName("cluster", "items"), acks, retry);

    public IReadOnlyList<(ulong Number, ProduceOutcome Outcome)> Told
    {
        get
        {
            lock (_gate)
            {
                return [.. _told];
            }
        }
    }

    public static PipeRecord Record(string value) => new(Extension, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(value)));

    /// <summary>Values are the numbers, from <paramref name="first"/> on.</summary>
    public void Produce(int count, int first = 0)
    {
        for (var number = first; number < first + count; number++)
        {
            Assert.True(TryProduce(number));
        }
    }

    public bool TryProduce(int number) => pipes.TryProduce(Target, Record($"{number}"), this, (ulong)number);

    public ValueTask<ProduceOutcome> ProduceAsync(string value, CancellationToken cancellationToken = default) => pipes.ProduceAsync(Target, Record(value), cancellationToken);

    public void Produced(ulong tag, in ProduceOutcome outcome)
    {
        lock (_gate)
        {
            _told.Add((tag, outcome));
        }
    }

    private static byte[] EncodedHead()
    {
        var head = new KafkaRecordHead { Partition = -1, Offset = -1, Key = "k"u8, HasKey = true };
        return KafkaRecordCodec.Encode(head, []);
    }
}
