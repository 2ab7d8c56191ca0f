using Confluent.Kafka;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Mqtt.Faults;

/// <summary>Kafka's own client, beside the suite.</summary>
internal static class KafkaReader
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>All that is committed in a topic now, each partition in its order.</summary>
    public static List<ConsumeResult<byte[], byte[]>> ReadAll(KafkaBroker broker, string topic)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            GroupId = "test",
            IsolationLevel = IsolationLevel.ReadCommitted,
            EnablePartitionEof = true,
            AllowAutoCreateTopics = false,
        }).SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var found = admin.GetMetadata(topic, Patience).Topics.Single();
        if (found.Error.IsError)
        {
            throw new KafkaException(found.Error);
        }

        consumer.Assign(found.Partitions.Select(p => new TopicPartitionOffset(topic, p.PartitionId, Offset.Beginning)));
        var records = new List<ConsumeResult<byte[], byte[]>>();
        for (var left = found.Partitions.Count; left > 0;)
        {
            var record = consumer.Consume(Patience) ?? throw new TimeoutException("The topic cannot be read.");
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
}
