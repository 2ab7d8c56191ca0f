using Zilla.KafkaCache.Cache.Topics;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Fetch;

/// <summary>Waits until all that lies below the offsets of a progress has come to this replica: its reader knows that it exists.</summary>
internal sealed class ProgressArrival(TopicCache topic, KafkaProgress progress, CacheOptions options, TimeProvider time)
{
    /// <exception cref="StreamBrokenException">It has not come in time, or the topic is there no longer.</exception>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var version = topic.Signal.Version;
            if (HasCome())
            {
                return;
            }

            if (topic.Gone)
            {
                cancellationToken.ThrowIfCancellationRequested(); // all topics go when the cluster is no longer served
                throw new StreamBrokenException(Cause.UnknownTopic, $"Topic {topic.Name} is there no longer, or was made anew");
            }

            try
            {
                // All together, however much else comes meanwhile: an offset of another topic may never come.
                var left = options.ProgressTimeout - time.GetElapsedTime(started);
                await topic.Signal.WaitAsync(version, cancellationToken).WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                throw new StreamBrokenException(Cause.Timeout, $"Topic {topic.Name} has not come as far as asked for within {options.ProgressTimeout.TotalSeconds:0.#} s");
            }
        }
    }

    private bool HasCome()
    {
        foreach (var (partition, offset) in progress.Partitions)
        {
            var partitions = topic.Partitions;
            if (offset > 0 && (partition >= partitions.Length || partitions[partition].NextOffset < offset))
            {
                return false;
            }
        }

        return true;
    }
}
