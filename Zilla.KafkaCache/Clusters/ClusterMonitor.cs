using Confluent.Kafka;
using Zilla.KafkaCache.Cache.Topics;

namespace Zilla.KafkaCache.Clusters;

/// <summary>Asks the cluster from time to time, oftener while it does not answer: whether it is there, whether topics have grown or gone.</summary>
internal sealed class ClusterMonitor(ClusterParts parts, ClusterMetadata metadata, TopicDirectory topics, TopicFeed feed, ClusterState state)
{
    private static readonly TimeSpan DownRetry = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _asked = new(0);
    private readonly HashSet<TopicCache> _missing = [];

    /// <summary>Has it look at once.</summary>
    public void Ask()
    {
        if (_asked.CurrentCount == 0)
        {
            _asked.Release();
        }
    }

    public async Task RunAsync()
    {
        while (!parts.Stopping.IsCancellationRequested)
        {
            try
            {
                var partitions = await metadata.PartitionsAsync();
                state.Answered();
                Compare(partitions);
            }
            catch (KafkaException problem)
            {
                state.Failed(problem.Error.Reason);
                foreach (var topic in topics.Topics)
                {
                    topic.Signal.Pulse(); // who waits for a topic to be filled need not wait longer
                }
            }
            catch (Exception) when (parts.Stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                CacheLog.MonitorFault(parts.Logger, fault, parts.Plan.Name);
            }

            try
            {
                await _asked.WaitAsync(state.Up ? parts.Options.MetadataRefresh : DownRetry, parts.Stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void Compare(Dictionary<string, int> partitions)
    {
        foreach (var topic in topics.Topics.Where(topic => topic.Partitions.Length > 0))
        {
            if (partitions.TryGetValue(topic.Name, out var count))
            {
                _missing.Remove(topic);
                feed.Grow(topic, count);
            }
            else if (!_missing.Add(topic))
            {
                // Missing twice in a row: a broker that has just started may not know all topics yet.
                _missing.Remove(topic);
                CacheLog.TopicRenewed(parts.Logger, parts.Plan.Name, topic.Name, "Kafka does not know it any more");
                topics.Renew(topic);
            }
        }
    }
}
