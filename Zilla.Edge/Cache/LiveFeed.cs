using Zilla.Streams;
using Zilla.Streams.Kafka;

namespace Zilla.Edge.Cache;

/// <summary>The shared feed of a topic with an index of one's own beside that of the filters. Disposing it takes the index out.</summary>
public sealed class LiveFeed : IDisposable
{
    private readonly TaskCompletionSource<StreamBrokenException> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TopicFeed _feed;
    private int _disposed;

    internal LiveFeed(TopicFeed feed, IFeedIndex index) => (_feed, Index) = (feed, index);

    /// <summary>Completes when the feed is over for good: the topic has gone, access was withdrawn, or the edge is stopping. A lost replica does not end it.</summary>
    public Task<StreamBrokenException> Ended => _ended.Task;

    internal IFeedIndex Index { get; }

    /// <summary>Runs <paramref name="action"/> between two records, with the position behind the one and before the other, and gives that position.</summary>
    /// <exception cref="StreamBrokenException">The feed has ended.</exception>
    public KafkaProgress BetweenRecords(Action<KafkaProgress> action) => _feed.BetweenRecords(action);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _feed.Remove(this);
            _feed.Release();
        }
    }

    internal void End(StreamBrokenException reason) => _ended.TrySetResult(reason);
}
