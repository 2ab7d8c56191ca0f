using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests;

/// <summary>Topics and records that a test makes and reads beside the services, by Kafka's own client.</summary>
internal static class KafkaTopics
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<string> CreateTopicAsync(this KafkaBroker broker, int partitions = 1, Dictionary<string, string>? configuration = null)
    {
        var topic = KafkaBroker.Topic("cache");
        await broker.CreateTopicsAsync([new() { Name = topic, NumPartitions = partitions, ReplicationFactor = 1, Configs = configuration }]);
        return topic;
    }

    public static async Task CreateTopicsAsync(this KafkaBroker broker, IEnumerable<TopicSpecification> topics)
    {
        using var admin = broker.Admin();
        await admin.CreateTopicsAsync(topics);
    }

    public static async Task GrowAsync(this KafkaBroker broker, string topic, int partitions)
    {
        using var admin = broker.Admin();
        await admin.CreatePartitionsAsync([new() { Topic = topic, IncreaseTo = partitions }]);
    }

    public static async Task DeleteAsync(this KafkaBroker broker, string topic)
    {
        using var admin = broker.Admin();
        await admin.DeleteTopicsAsync([topic]);
    }

    /// <summary>Drops what lies below an offset, as retention does.</summary>
    public static async Task DropBelowAsync(this KafkaBroker broker, string topic, int partition, long offset)
    {
        using var admin = broker.Admin();
        await admin.DeleteRecordsAsync([new(topic, partition, offset)]);
    }

    /// <summary>Writes (partition, key, value); a null value is a tombstone.</summary>
    public static async Task ProduceAsync(this KafkaBroker broker, string topic, params (int Partition, string? Key, string? Value)[] records)
    {
        using var producer = new ProducerBuilder<string?, string?>(new ProducerConfig { BootstrapServers = broker.BootstrapServers, Acks = Acks.All, LingerMs = 1 })
            .SetKeySerializer(new NullableText()).SetValueSerializer(new NullableText()).Build();
        await Task.WhenAll(records.Select(record => producer.ProduceAsync(new TopicPartition(topic, record.Partition), new Message<string?, string?> { Key = record.Key, Value = record.Value })));
    }

    /// <summary>All that is committed in a topic now, each partition in its order.</summary>
    /// <exception cref="KafkaException">There is no such topic.</exception>
    public static List<ConsumeResult<byte[], byte[]?>> ReadCommitted(this KafkaBroker broker, string topic)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]?>(new ConsumerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            GroupId = Guid.NewGuid().ToString("N"),
            EnablePartitionEof = true,
            EnableAutoCommit = false,
            AllowAutoCreateTopics = false,
            IsolationLevel = IsolationLevel.ReadCommitted,
        }).SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var found = admin.GetMetadata(topic, Patience).Topics.Single();
        if (found.Error.IsError)
        {
            throw new KafkaException(found.Error);
        }

        return consumer.ReadToEnd(topic, found.Partitions.Count);
    }

    /// <summary>All that a consumer is given of a topic now, each partition in its order. It has to be one that is told of the ends of partitions.</summary>
    public static List<ConsumeResult<TKey, TValue>> ReadToEnd<TKey, TValue>(this IConsumer<TKey, TValue> consumer, string topic, int partitions)
    {
        consumer.Assign(Enumerable.Range(0, partitions).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        var records = new List<ConsumeResult<TKey, TValue>>();
        for (var left = partitions; left > 0;)
        {
            var record = consumer.Consume(Patience) ?? throw new TimeoutException($"{topic} was not read to its end");
            if (record.IsPartitionEOF)
            {
                left--;
            }
            else
            {
                records.Add(record);
            }
        }

        return records;
    }

    public static IAdminClient Admin(this KafkaBroker broker) => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build();

    private sealed class NullableText : ISerializer<string?>
    {
        public byte[]? Serialize(string? data, SerializationContext context) => data is null ? null : System.Text.Encoding.UTF8.GetBytes(data);
    }
}
