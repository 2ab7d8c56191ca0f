using Zilla.KafkaCache.Cache.Topics;
using Zilla.KafkaCache.Clusters;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Fetch;

/// <summary>Waits until all that was in a topic is held, or until it is known that this will not be soon.</summary>
internal sealed class TopicHydration(TopicCache topic, ClusterState cluster, CacheOptions options, TimeProvider time)
{
    /// <exception cref="StreamBrokenException">The topic cannot be read, or it took too long.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (!topic.Hydrated)
        {
            var version = topic.Signal.Version;
            var waited = time.GetElapsedTime(started);
            var patience = Patience(topic.Problem);
            if (topic.Gone)
            {
                cancellationToken.ThrowIfCancellationRequested(); // all topics go when the cluster is no longer served
                throw new StreamBrokenException(Cause.UnknownTopic, $"Topic {topic.Name} is there no longer");
            }

            if (cluster.KnownProblem is { } down)
            {
                throw new StreamBrokenException(Cause.Unavailable, down, options.RetryAfter);
            }

            if (waited >= patience)
            {
                throw Broken(topic.Problem);
            }

            await WakeAsync(topic.Signal.WaitAsync(version, cancellationToken), patience - waited, cancellationToken);
        }
    }

    /// <summary>A topic may be being created just now; a right that is missing is said at once.</summary>
    private TimeSpan Patience(TopicProblem? problem) => problem?.Cause switch
    {
        null => options.HydrationTimeout,
        Cause.UnknownTopic => options.UnknownTopicTimeout,
        _ => TimeSpan.Zero,
    };

    private StreamBrokenException Broken(TopicProblem? problem) => problem switch
    {
        null => new(Cause.Timeout, $"Topic {topic.Name} is still being filled after {options.HydrationTimeout.TotalSeconds:0.#} s"),
        { Cause: Cause.Unavailable } => new(Cause.Unavailable, problem.Message, options.RetryAfter),
        _ => new(problem.Cause, $"Topic {topic.Name}: {problem.Message}"),
    };

    private async Task WakeAsync(Task news, TimeSpan within, CancellationToken cancellationToken)
    {
        try
        {
            await news.WaitAsync(within, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The caller looks at the clock.
        }
    }
}
