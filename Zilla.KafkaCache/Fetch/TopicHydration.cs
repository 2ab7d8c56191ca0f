using Zilla.KafkaCache.Cache.Topics;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Fetch;

internal static class TopicHydration
{
    /// <summary>Waits until all that was in the topic is held.</summary>
    /// <exception cref="StreamBrokenException">The topic cannot be read, or it took too long.</exception>
    public static async Task WaitUntilHydratedAsync(this TopicCache topic, CacheOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (!topic.Hydrated)
        {
            var version = topic.Signal.Version;
            var waited = time.GetElapsedTime(started);
            if (topic.Gone || (topic.Problem is { } problem && waited >= PatienceWith(problem.Cause, options)))
            {
                throw Broken(topic, options);
            }

            if (waited >= options.HydrationTimeout)
            {
                throw new StreamBrokenException(Cause.Timeout, $"Topic {topic.Name} is still being filled after {options.HydrationTimeout.TotalSeconds:0.#} s");
            }

            // Wakes at the latest when the patience with the present problem ends.
            var patience = topic.Problem is { } present ? PatienceWith(present.Cause, options) : options.HydrationTimeout;
            if (!topic.Hydrated)
            {
                await WaitAsync(topic.Signal.WaitAsync(version, cancellationToken), patience - waited, time, cancellationToken);
            }
        }
    }

    /// <summary>A topic may be being created just now; a broker that is down or a right that is missing is said at once.</summary>
    private static TimeSpan PatienceWith(Cause cause, CacheOptions options) => cause == Cause.UnknownTopic ? options.UnknownTopicTimeout : TimeSpan.Zero;

    private static StreamBrokenException Broken(TopicCache topic, CacheOptions options) => topic.Problem switch
    {
        { Cause: Cause.Unavailable, Message: var message } => new(Cause.Unavailable, message, options.RetryAfter),
        { } problem => new(problem.Cause, $"Topic {topic.Name}: {problem.Message}"),
        null => new(Cause.UnknownTopic, $"Topic {topic.Name} is there no longer"),
    };

    private static async Task WaitAsync(Task news, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await news.WaitAsync(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Looked at by the caller.
        }
    }
}
