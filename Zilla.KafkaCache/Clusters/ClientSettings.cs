using Confluent.Kafka;
using Zilla.Config.Bindings;
using Zilla.Config.Plans;

namespace Zilla.KafkaCache.Clusters;

/// <summary>How the Kafka client library is set up.</summary>
internal static class ClientSettings
{
    public static ConsumerConfig Consumer(ClusterPlan plan, string instance) => new(Common(plan, instance))
    {
        // Obligatory, but never joined: partitions are assigned by hand and nothing is committed.
        GroupId = "zilla.kafka-cache",
        EnableAutoCommit = false,
        EnableAutoOffsetStore = false,
        EnablePartitionEof = true,
        IsolationLevel = IsolationLevel.ReadCommitted,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        AllowAutoCreateTopics = false,

        // A partition that is assigned joins the fetch after the one that is waiting at the broker: that wait is what a first reader feels.
        FetchWaitMaxMs = 100,
        FetchErrorBackoffMs = 100,
        FetchQueueBackoffMs = 50,
        QueuedMaxMessagesKbytes = 32 * 1024,
    };

    /// <summary>For reading what is not held, a batch now and then: a small queue.</summary>
    public static ConsumerConfig History(ClusterPlan plan, string instance) => new(Consumer(plan, instance))
    {
        QueuedMaxMessagesKbytes = 1024,
        FetchMaxBytes = 2 << 20,
        MessageMaxBytes = 1_000_000, // no limit for reading: the client library wants it below the one above
    };

    public static ProducerConfig Producer(ClusterPlan plan, string instance, Acks acks, CacheOptions options) => new(Common(plan, instance))
    {
        Acks = acks,
        EnableIdempotence = acks == Acks.All,
        Partitioner = Partitioner.Murmur2Random,
        LingerMs = 1,
        MessageTimeoutMs = (int)options.ProduceTimeout.TotalMilliseconds,
        MessageMaxBytes = options.MaxRecordBytes + (1 << 20), // keys and headers come on top; the broker has the last word
        TopicMetadataPropagationMaxMs = 3000,
        QueueBufferingMaxKbytes = 128 * 1024,
    };

    private static ClientConfig Common(ClusterPlan plan, string instance) => new()
    {
        SecurityProtocol = plan.Sasl is null ? SecurityProtocol.Plaintext : SecurityProtocol.SaslPlaintext,
        SaslMechanism = plan.Sasl?.Mechanism switch
        {
            null => null,
            KafkaSaslMechanism.ScramSha256 => SaslMechanism.ScramSha256,
            KafkaSaslMechanism.ScramSha512 => SaslMechanism.ScramSha512,
            KafkaSaslMechanism.OAuthBearer => SaslMechanism.OAuthBearer,
            _ => SaslMechanism.Plain,
        },
        SaslUsername = plan.Sasl?.Username,
        SaslPassword = plan.Sasl?.Password,
        BootstrapServers = string.Join(',', plan.Servers),
        ClientId = instance,
        SocketKeepaliveEnable = true,
        SocketConnectionSetupTimeoutMs = 5000,
        ReconnectBackoffMs = 50,
        ReconnectBackoffMaxMs = 1000,
    };
}
