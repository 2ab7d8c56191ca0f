using Confluent.Kafka;
using Zilla.KafkaCache.Clusters;

namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>The client library's transactional producer.</summary>
internal sealed class KafkaTransactions : ITransactions
{
    // How long one call may block; those that did not get so far are called again.
    private static readonly TimeSpan Call = TimeSpan.FromSeconds(5);

    private readonly IProducer<byte[]?, byte[]?> _producer;

    /// <param name="parts">Of the cluster.</param>
    /// <param name="id">The <c>transactional.id</c>.</param>
    public KafkaTransactions(ClusterParts parts, string id)
    {
        var log = new ClientLog(parts.Logger, parts.Plan.Name);
        var builder = new ProducerBuilder<byte[]?, byte[]?>(ClientSettings.Transactions(parts, id))
            .SetKeySerializer(Serializers.ByteArray)
            .SetValueSerializer(Serializers.ByteArray)
            .SetLogHandler((_, message) => log.Write(id, message))
            .SetErrorHandler((_, _) => { });
        _producer = (BearerToken.For(parts.Plan, parts.Time) is { } bearer ? builder.SetOAuthBearerTokenRefreshHandler(bearer) : builder).Build();
    }

    public void Initialize() => _producer.InitTransactions(Call);

    public void Begin() => _producer.BeginTransaction();

    public void Produce(TransactionRecord record, Action<DeliveryResult> delivered)
    {
        Headers? headers = null;
        foreach (var (name, value) in record.Headers)
        {
            (headers ??= []).Add(name, value);
        }

        var message = new Message<byte[]?, byte[]?>
        {
            Key = record.Key,
            Value = record.Value,
            Headers = headers,
            Timestamp = record.Timestamp > 0 ? new(record.Timestamp, TimestampType.CreateTime) : Timestamp.Default,
        };
        _producer.Produce(new TopicPartition(record.Topic, record.Partition ?? Partition.Any), message, report => delivered(new(report.Error, report.Offset.Value)));
    }

    public void Commit() => _producer.CommitTransaction(Call);

    public void Abort() => _producer.AbortTransaction(Call);

    public int PartitionsOf(string topic)
    {
        // Now and then: one that stays would have a thread for each partition.
        using var admin = new DependentAdminClientBuilder(_producer.Handle).Build();
        var found = admin.GetMetadata(topic, Call).Topics.Single();
        return found.Error.Code == ErrorCode.NoError && found.Partitions.Count > 0 ? found.Partitions.Count
            : throw new KafkaException(found.Error.Code == ErrorCode.NoError ? new Error(ErrorCode.LeaderNotAvailable) : found.Error);
    }

    public void Dispose() => _producer.Dispose();
}
