using Zilla.Streams.Kafka;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// What reads topics of Kafka for the subscriptions of QoS 1 and 2 of one client: a cursor for each topic that has such, and one at a time, so that nothing of a topic overtakes what is still being
/// sent of it. The read loop's.
/// </summary>
/// <param name="shared">What all clients of the edge have.</param>
/// <param name="sender">The client.</param>
/// <param name="before">What has to be sent before anything that they read.</param>
internal sealed class ClientCursors(Deliveries shared, ClientSender sender, Func<Task> before)
{
    private readonly Dictionary<TopicClient, Task> _stopping = [];
    private Dictionary<string, HashSet<(int Partition, long Offset)>> _underWay = [];

    /// <summary>What the session had under way is sent again with its packet ids: cursors pass it over.</summary>
    public void PassOver(IEnumerable<InFlight> restored) => _underWay = restored.GroupBy(e => e.Topic).ToDictionary(g => g.Key, g => g.Select(e => e.Record).ToHashSet());

    /// <summary>Has the topic read, unless it is.</summary>
    /// <param name="client">The client there.</param>
    /// <param name="from">Null: the end of the topic.</param>
    public void Start(TopicClient client, KafkaProgress? from)
    {
        if (client.Cursor is not null)
        {
            return;
        }

        client.Cursor = new(shared.Cache, client, sender, from, Before(client));
        client.Cursor.Start(_underWay.GetValueOrDefault(client.Topic.Topic));
        shared.Reports.Add(client.Cursor);
    }

    /// <summary>No subscription needs the topic any more. Does not wait for what is just being sent.</summary>
    public void Stop(TopicClient client)
    {
        if (client.Cursor is { } cursor)
        {
            client.Cursor = null;
            _stopping[client] = StopAsync(cursor, _stopping.GetValueOrDefault(client, Task.CompletedTask));
        }
    }

    /// <summary>Stops all. Their subscriptions are still in force: a cursor that nothing was for looks at how far the feed has come.</summary>
    public async Task StopAllAsync(IEnumerable<TopicClient> clients)
    {
        foreach (var client in clients)
        {
            Stop(client);
        }

        await Task.WhenAll(_stopping.Values);
    }

    private async Task StopAsync(TopicCursor cursor, Task earlier)
    {
        shared.Reports.Remove(cursor);
        await cursor.DisposeAsync();
        await earlier;
    }

    private Func<Task> Before(TopicClient client)
    {
        var stopping = _stopping.GetValueOrDefault(client, Task.CompletedTask);
        return stopping.IsCompleted ? before : () => stopping.IsCompleted ? before() : Task.WhenAll(stopping, before());
    }
}
