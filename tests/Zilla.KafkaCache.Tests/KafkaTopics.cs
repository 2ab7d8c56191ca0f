using Confluent.Kafka;
using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.Streams.Mqtt;
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

    /// <summary>All that is in a topic now, for who reads what is committed.</summary>
    public static List<ConsumeResult<byte[], byte[]?>> ReadCommitted(this KafkaBroker broker, string topic)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]?>(new ConsumerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            GroupId = Guid.NewGuid().ToString("N"),
            EnablePartitionEof = true,
            EnableAutoCommit = false,
            IsolationLevel = IsolationLevel.ReadCommitted,
        }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics.Single().Partitions.Count;
        consumer.Assign(Enumerable.Range(0, partitions).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        var records = new List<ConsumeResult<byte[], byte[]?>>();
        for (var ended = 0; ended < partitions;)
        {
            var result = consumer.Consume(TimeSpan.FromSeconds(30)) ?? throw new TimeoutException($"{topic} was not read to its end");
            if (result.IsPartitionEOF)
            {
                ended++;
            }
            else
            {
                records.Add(result);
            }
        }

        return records;
    }

    /// <summary>Who owns the partitions of a sessions topic, as its owners topic says.</summary>
    public static Dictionary<int, SessionOwner> Claims(this KafkaBroker broker, string topic)
    {
        var claims = new Dictionary<int, SessionOwner>();
        foreach (var record in broker.ReadCommitted(OwnersTopic.Of(topic)))
        {
            var claim = OwnerClaim.Decode(record.Message.Key, record.Message.Value)!;
            claims[claim.Partition] = new(claim.Instance, record.Offset.Value, claim.Partitions);
        }

        return claims;
    }

    private static IAdminClient Admin(KafkaBroker broker) => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build();

    private sealed class NullableText : ISerializer<string?>
    {
        public byte[]? Serialize(string? data, SerializationContext context) => data is null ? null : System.Text.Encoding.UTF8.GetBytes(data);
    }
}
