using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Zilla.KafkaCache.Cache.Topics;
using Part = Zilla.KafkaCache.Clusters.RecordScratch.Part;

namespace Zilla.KafkaCache.Clusters;

/// <summary>What a cluster says of itself. The client library's calls block, so they run on the thread pool.</summary>
internal sealed class ClusterMetadata(IConsumer<Part, Part> consumer) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    private readonly IAdminClient _admin = new DependentAdminClientBuilder(consumer.Handle).Build();

    /// <summary>Partitions of every topic; a topic that is not there does not exist.</summary>
    /// <exception cref="KafkaException">No broker answered.</exception>
    public Task<Dictionary<string, int>> PartitionsAsync() => Task.Run(() =>
        _admin.GetMetadata(Timeout).Topics.Where(topic => topic.Error.Code == ErrorCode.NoError).ToDictionary(topic => topic.Topic, topic => topic.Partitions.Count, StringComparer.Ordinal));

    /// <summary>How many partitions a topic has; does not create it.</summary>
    /// <exception cref="KafkaException">No broker answered, or Kafka refused: unknown, not authorized.</exception>
    public Task<int> PartitionsAsync(string topic) => Task.Run(() => Partitions(_admin, topic));

    /// <summary>As <see cref="PartitionsAsync(string)"/>, asked through a producer, which has the broker create the topic if it does that.</summary>
    public static Task<int> PartitionsOrCreateAsync(Handle producer, string topic) => Task.Run(() =>
    {
        using var admin = new DependentAdminClientBuilder(producer).Build();
        return Partitions(admin, topic);
    });

    /// <exception cref="KafkaException">No broker answered, or Kafka refused.</exception>
    public async Task<TopicPolicy> PolicyAsync(string topic)
    {
        var described = await _admin.DescribeConfigsAsync([new() { Type = ResourceType.Topic, Name = topic }], new() { RequestTimeout = Timeout });
        return TopicPolicy.From(described[0].Entries.Values.Where(entry => entry.Value is not null).ToDictionary(entry => entry.Name, entry => entry.Value, StringComparer.Ordinal));
    }

    public void Dispose() => _admin.Dispose();

    private static int Partitions(IAdminClient admin, string topic)
    {
        var found = admin.GetMetadata(topic, Timeout).Topics.Single();
        return found.Error.Code == ErrorCode.NoError && found.Partitions.Count > 0 ? found.Partitions.Count
            : throw new KafkaException(found.Error.Code == ErrorCode.NoError ? new Error(ErrorCode.LeaderNotAvailable) : found.Error);
    }
}
