using Zilla.Streams;
using Zilla.Streams.Kafka;

namespace Zilla.Edge.Cache;

/// <summary>Where a <see cref="Subscription"/> gets live records from.</summary>
public interface IFeedSource
{
    /// <summary>Has the queue receive whatever matches from the returned position on. What lies before that position is for the caller to fetch.</summary>
    /// <exception cref="StreamBrokenException">There is no live feed now.</exception>
    Task<KafkaProgress> AttachAsync(FeedQueue queue, CancellationToken cancellationToken);

    void Detach(FeedQueue queue);

    /// <summary>The subscription has ended.</summary>
    void Release();
}
