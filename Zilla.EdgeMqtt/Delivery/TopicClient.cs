using Zilla.Edge.Cache;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams.Kafka;
using TopicName = Zilla.Edge.Cache.TopicName;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>A client among those that read a topic of Kafka: what it subscribes to there, and where its share of the live feed goes.</summary>
internal sealed class TopicClient(TopicDispatcher dispatcher, ReadOnlyMemory<byte> clientId, IPacketOutput output) : IFeedSource
{
    private readonly Lock _gate = new();
    private readonly List<LiveFilter> _filters = [];
    private TopicFilterTree<LiveFilter>? _tree;
    private List<LiveFilter>? _found;

    public TopicDispatcher Dispatcher { get; } = dispatcher;

    public TopicName Topic => Dispatcher.Topic;

    public ReadOnlyMemory<byte> ClientId { get; } = clientId;

    public IPacketOutput Output { get; } = output;

    /// <summary>While a record is dispatched: its number, and what matches. The dispatcher's.</summary>
    public (long Number, Matches Matches) Dispatched { get; set; }

    /// <summary>Where records go that are to be acknowledged; null while the client is not live, and finds them in history. The dispatcher's.</summary>
    public FeedQueue? Queue { get; set; }

    /// <summary>While a record is dispatched: whether it goes to the client now. If not, the client finds it in history.</summary>
    public bool IsReachedWith(QualityOfService published) =>
        published == QualityOfService.AtMostOnce || Dispatched.Matches.Granted == QualityOfService.AtMostOnce || Queue is not null;

    /// <summary>QoS 0 messages that wait for retained ones. The dispatcher's.</summary>
    public HeldMessages? Held { get; set; }

    /// <summary>What reads the topic for subscriptions of QoS 1 and 2; null: there are none. Whoever subscribes keeps it.</summary>
    public TopicCursor? Cursor { get; set; }

    public Task<KafkaProgress> AttachAsync(FeedQueue queue, CancellationToken cancellationToken) => Dispatcher.AttachAsync(this, queue, cancellationToken);

    public void Detach(FeedQueue queue) => Dispatcher.Detach(this, queue);

    public void Release()
    {
        // The dispatcher is released with the connection.
    }

    public void Add(LiveFilter filter)
    {
        lock (_gate)
        {
            _filters.Add(filter);
            filter.OwnPlace = _tree?.Add(filter.Options.Filter.Filter.Span, filter);
        }
    }

    public void Remove(LiveFilter filter)
    {
        lock (_gate)
        {
            if (_filters.Remove(filter) && filter.OwnPlace is { } place)
            {
                _tree!.Remove(place);
            }
        }
    }

    /// <summary>What a fetch of history has to let through.</summary>
    public IReadOnlyList<RecordFilter> HistoryFilters()
    {
        lock (_gate)
        {
            return MessageFilters.Of(_filters.Where(f => f.Options.IsDurable).Select(f => f.Options.Filter.Filter), withoutQoS0: true);
        }
    }

    /// <summary>Which subscriptions a message matches that is read from the queue or from history, and their identifiers.</summary>
    public MatchedFilters Match(in OutgoingMessage message)
    {
        lock (_gate)
        {
            var (tree, found) = (_tree ??= BuildTree(), _found ??= []);
            found.Clear();
            tree.Match(message.Topic.Span, found);
            var (record, matched) = (message.Record, default(MatchedFilters));
            foreach (var filter in found)
            {
                if (filter.IsOlderThan(record.Partition, record.Offset) && !filter.IsOwn(message))
                {
                    matched.Add(filter.Options);
                    matched.IsHeld |= filter.IsHeld;
                }
            }

            return matched;
        }
    }

    /// <summary>The topic was made anew: where filters begin in the partition is a place in the one that was there before.</summary>
    public void ForgetStarts(int partition)
    {
        lock (_gate)
        {
            foreach (var filter in _filters.Where(f => f.Since?[partition] is not null))
            {
                filter.Since = KafkaProgress.Create(filter.Since!.Partitions.ToArray().Where(at => at.Partition != partition).ToArray());
            }
        }
    }

    /// <summary>Clients that are sent QoS 0 alone never need one.</summary>
    private TopicFilterTree<LiveFilter> BuildTree()
    {
        var tree = new TopicFilterTree<LiveFilter>();
        foreach (var filter in _filters)
        {
            filter.OwnPlace = tree.Add(filter.Options.Filter.Filter.Span, filter);
        }

        return tree;
    }
}
