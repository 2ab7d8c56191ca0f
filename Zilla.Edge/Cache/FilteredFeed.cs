using Zilla.Streams;
using Zilla.Streams.Kafka;

namespace Zilla.Edge.Cache;

/// <summary>The shared feed of a topic, whose records find queues by the filters of these.</summary>
internal sealed class FilteredFeed(CacheClient client, TopicName topic) : IFeedSource
{
    private TopicFeed? _feed;

    public async Task<KafkaProgress> AttachAsync(FeedQueue queue, CancellationToken cancellationToken)
    {
        _feed ??= client.LeaseFeed(topic);
        try
        {
            return await _feed.AttachAsync(queue, cancellationToken);
        }
        catch (StreamBrokenException)
        {
            // That feed is over; the next round leases another.
            Release();
            throw;
        }
    }

    public void Detach(FeedQueue queue) => _feed?.Detach(queue);

    public void Release()
    {
        _feed?.Release();
        _feed = null;
    }
}
