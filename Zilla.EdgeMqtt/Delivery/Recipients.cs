namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// Whom messages of one topic of Kafka are for: each client once, with all of its subscriptions that match. A message is never for a subscription that it was there before. Allocates nothing
/// where it looks. For one thread at a time.
/// </summary>
internal sealed class Recipients
{
    private readonly TopicFilterTree<LiveFilter> _tree = new();
    private readonly List<LiveFilter> _found = [];
    private readonly List<TopicClient> _clients = [];
    private long _number;

    /// <summary>All subscriptions of all clients.</summary>
    public int Filters => _tree.Count;

    /// <param name="filter">For what comes from now on.</param>
    /// <param name="replaced">What was there for it, it is for as well [MQTT-3.8.4-4].</param>
    public void Add(LiveFilter filter, LiveFilter? replaced)
    {
        filter.After = replaced?.After ?? _number;
        filter.Place = _tree.Add(filter.Options.Filter.Filter.Span, filter);
        filter.Client.Add(filter);
    }

    public void Remove(LiveFilter filter)
    {
        _tree.Remove(filter.Place!);
        filter.Client.Remove(filter);
    }

    /// <summary>Whom a message is for that comes now, and by what (<see cref="TopicClient.Dispatched"/>). Until this is asked again.</summary>
    public List<TopicClient> Of(in OutgoingMessage message)
    {
        _clients.Clear();
        var number = ++_number;
        foreach (var filter in Matching(message))
        {
            var client = filter.Client;
            if (filter.IsOlderThanLive(message) && !filter.IsOwn(message))
            {
                var (last, matches) = client.Dispatched;
                if (last != number)
                {
                    matches = default;
                    _clients.Add(client);
                }

                matches.Add(filter);
                client.Dispatched = (number, matches);
            }
        }

        return _clients;
    }

    /// <summary>By which subscriptions that it has now a message is for the client that came as number <paramref name="number"/>.</summary>
    public Matches Of(in OutgoingMessage message, TopicClient client, long number)
    {
        var matches = default(Matches);
        foreach (var filter in Matching(message))
        {
            if (filter.Client == client && filter.After < number && !filter.IsOwn(message))
            {
                matches.Add(filter);
            }
        }

        return matches;
    }

    private List<LiveFilter> Matching(in OutgoingMessage message)
    {
        _found.Clear();
        _tree.Match(message.Topic.Span, _found);
        return _found;
    }
}
