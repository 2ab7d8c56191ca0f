using Confluent.Kafka;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests;

/// <summary>Topics and records that a test makes beside the cache.</summary>
internal static class KafkaTopics
{
    public static async Task<string> CreateTopicAsync(this KafkaBroker broker, int partitions = 1, Dictionary<string, string>? configuration = null)
    {
        var topic = KafkaBroker.Topic("cache");
        using var admin = Admin(broker);
        await admin.CreateTopicsAsync([new() { Name = topic, NumPartitions = partitions, ReplicationFactor = 1, Configs = configuration }]);
        return topic;
    }

    public static async Task GrowAsync(this KafkaBroker broker, string topic, int partitions)
    {
        using var admin = Admin(broker);
        await admin.CreatePartitionsAsync([new() { Topic = topic, IncreaseTo = partitions }]);
    }

    public static async Task DeleteAsync(this KafkaBroker broker, string topic)
    {
        using var admin = Admin(broker);
        await admin.DeleteTopicsAsync([topic]);
    }

    /// <summary>Drops what lies below an offset, as retention does.</summary>
    public static async Task DropBelowAsync(this KafkaBroker broker, string topic, int partition, long offset)
    {
        using var admin = Admin(broker);
        await admin.DeleteRecordsAsync([new(topic, partition, offset)]);
    }

    /// <summary>Writes (partition, key, value); a null value is a tombstone.</summary>
    public static async Task ProduceAsync(this KafkaBroker broker, string topic, params (int Partition, string? Key, string? Value)[] records)
    {
        using var producer = new ProducerBuilder<string?, string?>(new ProducerConfig { BootstrapServers = broker.BootstrapServers, Acks = Acks.All, LingerMs = 1 })
            .SetKeySerializer(new NullableText()).SetValueSerializer(new NullableText()).Build();
        await Task.WhenAll(records.Select(record => producer.ProduceAsync(new TopicPartition(topic, record.Partition), new Message<string?, string?> { Key = record.Key, Value = record.Value })));
    }

    private static IAdminClient Admin(KafkaBroker broker) => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build();

    private sealed class NullableText : ISerializer<string?>
    {
        public byte[]? Serialize(string? data, SerializationContext context) => data is null ? null : System.Text.Encoding.UTF8.GetBytes(data);
    }
}
