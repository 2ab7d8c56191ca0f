using Confluent.Kafka;
using Zilla.KafkaCache.Cache;
using Zilla.KafkaCache.Cache.Partitions;
using Zilla.KafkaCache.Cache.Topics;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Clusters;

/// <summary>Looks topics up and has the consumer fill them; keeps trying for as long as a topic is wanted.</summary>
internal sealed class TopicFeed(ClusterParts parts, ClusterConsumer consumer, ClusterMetadata metadata, ClusterProducers producers, ClusterState state, MemoryBudget budget) : ITopicFeed
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(3);

    public void Join(TopicCache topic) => _ = Task.Run(() => JoinAsync(topic));

    public void Leave(TopicCache topic)
    {
        consumer.Unassign(topic);
        CacheLog.TopicReleased(parts.Logger, parts.Plan.Name, topic.Name);
    }

    /// <summary>Has the partitions filled that a topic has grown by.</summary>
    public void Grow(TopicCache topic, int partitions)
    {
        if (topic.Partitions is { Length: > 0 } known && partitions > known.Length)
        {
            Fill(topic, known.Length, partitions, known[0].Policy, Offset.Beginning);
        }
    }

    private async Task JoinAsync(TopicCache topic)
    {
        for (var delay = FirstRetry; !topic.Gone && !parts.Stopping.IsCancellationRequested; delay = delay * 2 < LastRetry ? delay * 2 : LastRetry)
        {
            try
            {
                var partitions = MayCreate(topic.Name)
                    ? await metadata.PartitionsOrCreateAsync(producers.Handle, topic.Name)
                    : await metadata.PartitionsAsync(topic.Name);
                state.Answered();
                Fill(topic, 0, partitions, await PolicyAsync(topic.Name), StartsLive(topic.Name) ? Offset.End : Offset.Beginning);
                return;
            }
            catch (Exception problem) when (!parts.Stopping.IsCancellationRequested)
            {
                var error = (problem as KafkaException)?.Error;
                var cause = error is null ? Cause.Internal : KafkaCauses.Of(error.Code);
                if (topic.Problem?.Cause != cause && cause == Cause.NotAuthorized)
                {
                    CacheLog.TopicRefused(parts.Logger, parts.Plan.Name, topic.Name, error?.Reason ?? problem.Message);
                }
                else if (topic.Problem?.Cause != cause)
                {
                    CacheLog.TopicWaiting(parts.Logger, parts.Plan.Name, topic.Name, error?.Reason ?? problem.Message);
                }

                topic.Problem = new(cause, error?.Reason ?? problem.Message);
            }
            catch (Exception)
            {
                return; // the clients are being disposed
            }

            await Task.Delay(delay, parts.Time, parts.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Fill(TopicCache topic, int first, int count, TopicPolicy policy, Offset start)
    {
        PartitionLog[] logs = [.. Enumerable.Range(first, count - first).Select(partition => new PartitionLog(partition, policy, budget, parts.Time, startsLive: start == Offset.End))];
        topic.Add(logs);
        if (topic.Gone)
        {
            topic.Close(); // released meanwhile: these logs would stay in the budget
            return;
        }

        CacheLog.TopicJoined(parts.Logger, parts.Plan.Name, topic.Name, first, count - 1);
        consumer.Assign(topic, logs, start);
    }

    private async Task<TopicPolicy> PolicyAsync(string topic)
    {
        try
        {
            return await metadata.PolicyAsync(topic);
        }
        catch (KafkaException problem) when (KafkaCauses.Of(problem.Error.Code) is not Cause.Unavailable)
        {
            // Reading a topic and reading its configuration are different rights.
            CacheLog.PolicyUnknown(parts.Logger, parts.Plan.Name, topic, problem.Error.Reason);
            return TopicPolicy.Default;
        }
    }

    /// <summary>Topics that the configuration itself names may come into being by being asked for; what a client's path leads to may not.</summary>
    private bool MayCreate(string topic) => parts.Plan.Bootstrap.Contains(topic) || parts.Plan.Topics.Any(configured => configured.Name == topic);

    private bool StartsLive(string topic) =>
        parts.Plan.Topics.FirstOrDefault(configured => TopicPattern.Matches(configured.Name, topic))?.DefaultOffset == Config.Bindings.KafkaDefaultOffset.Live;
}
