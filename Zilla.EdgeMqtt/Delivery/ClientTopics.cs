using TopicName = Zilla.Edge.Cache.TopicName;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// The topics of Kafka that one client is sent messages of. Each is there once, from its first use until the connection ends, and so long keeps its dispatcher. Added to by the read loop alone;
/// read by any thread.
/// </summary>
internal sealed class ClientTopics(TopicDispatchers dispatchers, ReadOnlyMemory<byte> clientId, IPacketOutput output)
{
    // One, or a few. Never changed, but replaced: what is sent again looks for its topic while SUBSCRIBE adds one.
    private volatile TopicClient[] _clients = [];

    public IReadOnlyList<TopicClient> All => _clients;

    public TopicClient this[TopicName topic]
    {
        get
        {
            var client = Array.Find(_clients, c => c.Topic == topic);
            if (client is null)
            {
                _clients = [.. _clients, client = new(dispatchers.Lease(topic), clientId, output)];
            }

            return client;
        }
    }

    /// <summary>Which subscriptions a message of a topic of Kafka is for; none of a topic that the client does not read any more.</summary>
    public MatchedFilters Match(string topic, OutgoingMessage message) => Array.Find(_clients, c => c.Topic.Topic == topic)?.Match(message) ?? default;

    /// <summary>Nothing of the client is in force there any more.</summary>
    public void Release()
    {
        foreach (var client in _clients)
        {
            dispatchers.Release(client.Dispatcher);
        }
    }
}
