using System.Text;
using Confluent.Kafka;

namespace Zilla.HandwrittenGrpc;

/// <summary>One producer, and consumers that read a topic from its end or its beginning, without a group.</summary>
internal sealed class Kafka(string servers) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // The services' own setting: 1 ms, where the client's default is 5.
    public IProducer<byte[], byte[]?> Producer { get; } =
        new ProducerBuilder<byte[], byte[]?>(new ProducerConfig { BootstrapServers = servers, Acks = Acks.All, EnableIdempotence = true, LingerMs = 1 }).Build();

    /// <summary>Reads until the process ends, on a thread of its own.</summary>
    public void Read(string topic, Offset from, Action<Message<byte[], byte[]?>> take)
    {
        var consumer = new ConsumerBuilder<byte[], byte[]?>(new ConsumerConfig { BootstrapServers = servers, GroupId = "handwritten", EnableAutoCommit = false }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(topic, Patience).Topics[0].Partitions;
        consumer.Assign(partitions.Select(partition =>
        {
            var at = new TopicPartition(topic, partition.PartitionId);

            // The end as it is now, not as it is when the first fetch gets there.
            return new TopicPartitionOffset(at, from == Offset.End ? consumer.QueryWatermarkOffsets(at, Patience).High : from);
        }));
        new Thread(() =>
        {
            while (true)
            {
                take(consumer.Consume().Message);
            }
        })
        { IsBackground = true }.Start();
    }

    public static string? Text(Headers headers, string name) => headers.TryGetLastBytes(name, out var value) ? Encoding.UTF8.GetString(value) : null;

    public void Dispose() => Producer.Dispose();
}
