using System.Collections.Concurrent;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Zilla.KafkaCache.Cache.Topics;
using Part = Zilla.KafkaCache.Clusters.RecordScratch.Part;

namespace Zilla.KafkaCache.Clusters;

/// <summary>
/// What a cluster says of itself. The client library's calls block, so they run on the thread pool, a few at a time; and since its handles must
/// not be disposed under a call, <see cref="DisposeAsync"/> waits for them.
/// </summary>
internal sealed class ClusterMetadata(IConsumer<Part, Part> consumer) : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly IAdminClient _admin = new DependentAdminClientBuilder(consumer.Handle).Build();
    private readonly SemaphoreSlim _slots = new(4);
    private readonly ConcurrentDictionary<Task, bool> _calls = new();
    private volatile bool _disposed;

    /// <summary>Partitions of every topic; a topic that is not there does not exist.</summary>
    /// <exception cref="KafkaException">No broker answered.</exception>
    public Task<Dictionary<string, int>> PartitionsAsync() => CallAsync(() => Task.FromResult(
        _admin.GetMetadata(Timeout).Topics.Where(topic => topic.Error.Code == ErrorCode.NoError).ToDictionary(topic => topic.Topic, topic => topic.Partitions.Count, StringComparer.Ordinal)));

    /// <summary>How many partitions a topic has; does not create it.</summary>
    /// <exception cref="KafkaException">No broker answered, or Kafka refused: unknown, not authorized.</exception>
    public Task<int> PartitionsAsync(string topic) => CallAsync(() => Task.FromResult(Partitions(_admin, topic)));

    /// <summary>As <see cref="PartitionsAsync(string)"/>, asked through a producer, which has the broker create the topic if it does that.</summary>
    public Task<int> PartitionsOrCreateAsync(Handle producer, string topic) => CallAsync(() =>
    {
        using var admin = new DependentAdminClientBuilder(producer).Build();
        return Task.FromResult(Partitions(admin, topic));
    });

    /// <summary>The offset that the next record of a partition will have, asked of Kafka itself.</summary>
    /// <exception cref="KafkaException">No broker answered, or Kafka refused.</exception>
    public Task<long> EndOffsetAsync(string topic, int partition) => CallAsync(() => Task.FromResult(consumer.QueryWatermarkOffsets(new(topic, partition), Timeout).High.Value));

    /// <exception cref="KafkaException">No broker answered, or Kafka refused.</exception>
    public Task<TopicPolicy> PolicyAsync(string topic) => CallAsync(async () =>
    {
        var described = await _admin.DescribeConfigsAsync([new() { Type = ResourceType.Topic, Name = topic }], new() { RequestTimeout = Timeout });
        return TopicPolicy.From(described[0].Entries.Values.Where(entry => entry.Value is not null).ToDictionary(entry => entry.Name, entry => entry.Value, StringComparer.Ordinal));
    });

    /// <summary>Creates a compacted topic of one partition, with as many replicas as the broker gives it; one that is there already stays as it is.</summary>
    /// <exception cref="KafkaException">No broker answered, or Kafka refused.</exception>
    public Task CreateCompactedAsync(string topic) => CallAsync(async () =>
    {
        try
        {
            await _admin.CreateTopicsAsync(
                [new() { Name = topic, NumPartitions = 1, ReplicationFactor = -1, Configs = new() { ["cleanup.policy"] = "compact" } }],
                new() { RequestTimeout = Timeout, OperationTimeout = Timeout });
        }
        catch (CreateTopicsException refused) when (refused.Results.TrueForAll(result => result.Error.Code == ErrorCode.TopicAlreadyExists))
        {
            // Another replica was faster.
        }
        catch (CreateTopicsException refused)
        {
            throw new KafkaException(refused.Results[0].Error);
        }

        return true;
    });

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await Task.WhenAll(_calls.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _admin.Dispose();
    }

    private async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        var done = new TaskCompletionSource();
        _calls.TryAdd(done.Task, true);
        try
        {
            await _slots.WaitAsync();
            try
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                return await Task.Run(call);
            }
            finally
            {
                _slots.Release();
            }
        }
        finally
        {
            _calls.TryRemove(done.Task, out _);
            done.SetResult();
        }
    }

    private static int Partitions(IAdminClient admin, string topic)
    {
        var found = admin.GetMetadata(topic, Timeout).Topics.Single();
        return found.Error.Code == ErrorCode.NoError && found.Partitions.Count > 0 ? found.Partitions.Count
            : throw new KafkaException(found.Error.Code == ErrorCode.NoError ? new Error(ErrorCode.LeaderNotAvailable) : found.Error);
    }
}
