using System.Text;
using Confluent.Kafka;
using Zilla.Streams.Kafka;

namespace Zilla.Load.Mqtt;

/// <summary>
/// Stores sessions without a client each: what the suite wrote for one, under other client ids of the same length. So nothing here has to know what is in the
/// records.
/// </summary>
internal sealed class SessionRecords(string servers)
{
    public const string Topic = "mqtt-sessions";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10), Quiet = TimeSpan.FromSeconds(2);

    /// <summary>The latest records of a client's session, once they change no more.</summary>
    public List<Message<byte[], byte[]>> Read(string clientId)
    {
        var config = new ConsumerConfig { BootstrapServers = servers, GroupId = "unused", AutoOffsetReset = AutoOffsetReset.Earliest };
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config).Build();
        consumer.Assign(Enumerable.Range(0, CountPartitions()).Select(p => new TopicPartitionOffset(Topic, p, Offset.Beginning)));
        var records = new Dictionary<string, Message<byte[], byte[]>>();
        while (consumer.Consume(Quiet) is { Message: { } message })
        {
            var key = Encoding.UTF8.GetString(message.Key);
            if (key == clientId || key.StartsWith($"{clientId}#", StringComparison.Ordinal))
            {
                records[key] = message;
            }
        }

        return [.. records.Values.Where(r => r.Value is { Length: > 0 })];
    }

    public void Copy(IReadOnlyList<Message<byte[], byte[]>> records, string from, IEnumerable<string> to)
    {
        var partitions = CountPartitions();
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = servers,
            Acks = Acks.All,
            EnableIdempotence = true,
            EnableDeliveryReports = false,
        }).Build();
        var old = Encoding.UTF8.GetBytes(from);
        foreach (var clientId in to)
        {
            var id = Encoding.UTF8.GetBytes(clientId);
            var partition = new TopicPartition(Topic, Murmur2.Partition(id, partitions));
            foreach (var record in records)
            {
                Produce(producer, partition, new() { Key = Renamed(record.Key, old, id), Value = Renamed(record.Value, old, id), Headers = record.Headers });
            }
        }

        producer.Flush(CancellationToken.None);
    }

    /// <summary>Bytes of key, value and headers.</summary>
    public static int Size(Message<byte[], byte[]> record) => record.Key.Length + record.Value.Length + record.Headers.Sum(h => h.Key.Length + (h.GetValueBytes()?.Length ?? 0));

    /// <summary>The bytes with each occurrence of one id replaced by the other, which is as long.</summary>
    public static byte[] Renamed(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        var renamed = bytes.ToArray();
        for (var at = 0; renamed.AsSpan(at).IndexOf(from) is >= 0 and var found; at += found + to.Length)
        {
            to.CopyTo(renamed.AsSpan(at + found));
        }

        return renamed;
    }

    private int CountPartitions()
    {
        using var client = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build();
        return client.GetMetadata(Topic, Timeout).Topics[0].Partitions.Count;
    }

    private static void Produce(IProducer<byte[], byte[]> producer, TopicPartition partition, Message<byte[], byte[]> message)
    {
        while (true)
        {
            try
            {
                producer.Produce(partition, message);
                return;
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                producer.Poll(TimeSpan.FromMilliseconds(10));
            }
        }
    }
}
