using Zilla.Edge.Cache;
using Zilla.Streams;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// Where the live feed of a topic puts what clients have to acknowledge: a queue for each cursor that has caught up with it. A client has one at most, and one that has overflowed is a client's
/// no more: it finds what follows in history. Under the dispatcher's lock.
/// </summary>
internal sealed class CursorQueues
{
    private readonly HashSet<TopicClient> _attached = [];

    public void Attach(TopicClient client, FeedQueue queue)
    {
        client.Queue = queue;
        _attached.Add(client);
    }

    /// <summary>Does nothing if the client has another one by now.</summary>
    public void Detach(TopicClient client, FeedQueue queue)
    {
        if (client.Queue == queue)
        {
            Detach(client);
        }
    }

    /// <summary>False: the queue has overflowed. A client that has none is in history, and finds the record there.</summary>
    public bool Offer(TopicClient client, FeedRecord record)
    {
        if (client.Queue is not { } queue || queue.Offer(record))
        {
            return true;
        }

        Detach(client);
        return false;
    }

    /// <summary>The feed has ended.</summary>
    public void Fail(StreamBrokenException reason)
    {
        foreach (var client in _attached)
        {
            client.Queue?.Fail(reason);
            client.Queue = null;
        }

        _attached.Clear();
    }

    private void Detach(TopicClient client)
    {
        client.Queue = null;
        _attached.Remove(client);
    }
}
