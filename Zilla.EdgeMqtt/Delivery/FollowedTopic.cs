using Zilla.Edge.Cache;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>Keeps to the live feed of a topic: where there is none, or it ends (the topic is missing, or made anew), it is opened again and again.</summary>
internal sealed class FollowedTopic
{
    private readonly CacheClient _cache;
    private readonly TopicName _topic;
    private readonly IFeedIndex _index;
    private readonly Action<StreamBrokenException> _ended;
    private readonly CancellationTokenSource _stop = new();
    private volatile TaskCompletionSource<LiveFeed> _feed = NewFeed();

    /// <param name="cache">Where from.</param>
    /// <param name="topic">Of Kafka.</param>
    /// <param name="index">Is given the records.</param>
    /// <param name="ended">Told that what attached to the feed gets nothing more.</param>
    public FollowedTopic(CacheClient cache, TopicName topic, IFeedIndex index, Action<StreamBrokenException> ended)
    {
        (_cache, _topic, _index, _ended) = (cache, topic, index, ended);

        // It serves everybody: it belongs to no trace of whoever came first.
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(RunAsync);
        }
    }

    /// <summary>Waits for the feed, and runs the action between two of its records.</summary>
    /// <exception cref="StreamBrokenException">It cannot be opened now, or has just ended.</exception>
    public async Task<KafkaProgress> BetweenRecordsAsync(Action<KafkaProgress> action, CancellationToken cancellationToken) =>
        (await _feed.Task.WaitAsync(cancellationToken)).BetweenRecords(action);

    /// <summary>Runs the action, between two records if there is a live feed now; else with null.</summary>
    public void BetweenRecords(Action<KafkaProgress?> action)
    {
        if (_feed.Task is { IsCompletedSuccessfully: true } feed)
        {
            try
            {
                feed.Result.BetweenRecords(action);
                return;
            }
            catch (StreamBrokenException)
            {
                // It has just ended: nothing has been run.
            }
        }

        action(null);
    }

    public void Stop() => _stop.Cancel();

    private static TaskCompletionSource<LiveFeed> NewFeed() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync()
    {
        var delay = _cache.NewRetryDelay();
        while (!_stop.IsCancellationRequested)
        {
            StreamBrokenException reason;
            try
            {
                using var feed = await _cache.FollowAsync(_topic, _index, _stop.Token);
                _feed.TrySetResult(feed);
                delay.Reset();
                reason = await feed.Ended.WaitAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (StreamBrokenException e)
            {
                reason = e;
            }

            Renew(reason);
            await delay.WaitAsync(_stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Renew(new(Cause.ShuttingDown, "The topic is not followed any more."));
    }

    /// <summary>Whoever waits is told why; whoever comes next waits for the next feed.</summary>
    private void Renew(StreamBrokenException reason)
    {
        var last = _feed;
        _feed = NewFeed();
        last.TrySetException(reason);
        _ = last.Task.Exception; // observed even if nobody waits
        _ended(reason);
    }
}
