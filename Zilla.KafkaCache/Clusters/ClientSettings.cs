using Confluent.Kafka;
using Zilla.Config.Bindings;

namespace Zilla.KafkaCache.Clusters;

/// <summary>How the Kafka client library is set up.</summary>
internal static class ClientSettings
{
    public static ConsumerConfig Consumer(ClusterParts parts) => new(Common(parts))
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
    public static ConsumerConfig History(ClusterParts parts) => new(Consumer(parts))
    {
        QueuedMaxMessagesKbytes = 1024,
        FetchMaxBytes = 2 << 20,
        MessageMaxBytes = 1_000_000, // no limit for reading: the client library wants it below the one above
    };

    public static ProducerConfig Producer(ClusterParts parts, Acks acks) => new(Common(parts))
    {
        Acks = acks,
        EnableIdempotence = acks == Acks.All,
        Partitioner = Partitioner.Murmur2Random,
        DeliveryReportFields = "none", // where a record lies and what went wrong is always there; what was sent is not wanted back
        LingerMs = 1,
        MessageTimeoutMs = (int)parts.Options.ProduceTimeout.TotalMilliseconds,
        MessageMaxBytes = parts.Options.MaxRecordBytes + (1 << 20), // keys and headers come on top; the broker has the last word
        TopicMetadataPropagationMaxMs = 3000,
        QueueBufferingMaxKbytes = 128 * 1024,
    };

    /// <summary>For one owned partition of a sessions topic: there may be many of them, so each has little.</summary>
    /// <param name="parts">Of the cluster.</param>
    /// <param name="id">The <c>transactional.id</c>: whoever comes with it fences who had it before.</param>
    public static ProducerConfig Transactions(ClusterParts parts, string id) => new(Common(parts))
    {
        TransactionalId = id,
        Acks = Acks.All,
        EnableIdempotence = true,
        Partitioner = Partitioner.Murmur2Random,
        LingerMs = 1,
        MessageTimeoutMs = (int)parts.Options.ProduceTimeout.TotalMilliseconds,

        // What a killed owner leaves open keeps read_committed readers waiting until its successor comes; with none, that long.
        TransactionTimeoutMs = (int)(parts.Options.ProduceTimeout + TimeSpan.FromSeconds(5)).TotalMilliseconds,
        MessageMaxBytes = parts.Options.MaxRecordBytes + (1 << 20),
        TopicMetadataPropagationMaxMs = 3000,
        QueueBufferingMaxKbytes = 32 * 1024,
    };

    /// <summary>For taking part in the group that shares a sessions topic: nothing is read through it.</summary>
    public static ConsumerConfig Membership(ClusterParts parts, string group) => new(Common(parts))
    {
        GroupId = group,
        GroupProtocol = GroupProtocol.Classic,
        PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
        SessionTimeoutMs = (int)parts.Options.SessionTimeout.TotalMilliseconds,
        HeartbeatIntervalMs = 500,
        MaxPollIntervalMs = (int)(parts.Options.SessionTimeout + TimeSpan.FromSeconds(9)).TotalMilliseconds,
        EnableAutoCommit = false,
        EnableAutoOffsetStore = false,
        AutoOffsetReset = AutoOffsetReset.Latest,
        AllowAutoCreateTopics = false,
        QueuedMinMessages = 1,
        QueuedMaxMessagesKbytes = 64,
    };

    private static ClientConfig Common(ClusterParts parts) => new()
    {
        SecurityProtocol = (parts.Plan.Sasl, parts.Tls) switch
        {
            (null, null) => SecurityProtocol.Plaintext,
            (null, _) => SecurityProtocol.Ssl,
            (_, null) => SecurityProtocol.SaslPlaintext,
            _ => SecurityProtocol.SaslSsl,
        },
        SslCaPem = parts.Tls?.Trusted,
        SslCertificatePem = parts.Tls?.Certificate,
        SslKeyPem = parts.Tls?.Key,
        EnableSslCertificateVerification = parts.Tls is null ? null : true,
        SslEndpointIdentificationAlgorithm = parts.Tls is null ? null : SslEndpointIdentificationAlgorithm.Https,
        SaslMechanism = parts.Plan.Sasl?.Mechanism switch
        {
            null => null,
            KafkaSaslMechanism.ScramSha256 => SaslMechanism.ScramSha256,
            KafkaSaslMechanism.ScramSha512 => SaslMechanism.ScramSha512,
            KafkaSaslMechanism.OAuthBearer => SaslMechanism.OAuthBearer,
            _ => SaslMechanism.Plain,
        },
        SaslUsername = parts.Plan.Sasl?.Username,
        SaslPassword = parts.Plan.Sasl?.Password,
        BootstrapServers = string.Join(',', parts.Plan.Servers),
        ClientId = parts.Instance,
        SocketKeepaliveEnable = true,
        SocketConnectionSetupTimeoutMs = 5000,
        ReconnectBackoffMs = 50,
        ReconnectBackoffMaxMs = 1000,
    };
}
