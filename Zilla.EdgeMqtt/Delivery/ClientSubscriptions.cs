using Zilla.EdgeMqtt.Packets;
using Zilla.Streams.Kafka;
using TopicName = Zilla.Edge.Cache.TopicName;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// The subscriptions of one client that are in force: one for each filter, with a place in the dispatcher of each topic of Kafka that it reads, which has a cursor if it is one of QoS 1 or 2. The
/// read loop's.
/// </summary>
internal sealed class ClientSubscriptions(ClientTopics topics, ClientCursors cursors)
{
    private readonly Dictionary<MqttString, ClientSubscription> _byFilter = [];
    private Task _leaving = Task.CompletedTask;

    public IEnumerable<ClientSubscription> All => _byFilter.Values;

    /// <summary>That of a filter, <c>$share</c> prefix included.</summary>
    public ClientSubscription? this[MqttString filter] => _byFilter.GetValueOrDefault(filter);

    public bool IsInForce(ClientSubscription subscription) => this[subscription.Options.Filter.Text] == subscription;

    /// <summary>Takes up one that the session has.</summary>
    /// <param name="subscription">It.</param>
    /// <param name="progress">How far the session has got in each topic; null: the end.</param>
    /// <param name="since">Where the filter begins, if that is later.</param>
    public void Resume(ClientSubscription subscription, Func<TopicName, KafkaProgress?> progress, Func<TopicName, KafkaProgress?> since)
    {
        _byFilter[subscription.Options.Filter.Text] = subscription;
        foreach (var topic in subscription.PlacedIn)
        {
            Place(subscription, new(topics[topic], subscription.Options) { Since = since(topic) }, null, null, progress(topic));
        }
    }

    /// <summary>Puts a new one in force, in place of what was there for the filter.</summary>
    /// <param name="subscription">It.</param>
    /// <param name="starts">Where the feed of each of its topics was when SUBSCRIBE came.</param>
    /// <param name="isHeld">What is live waits for its retained messages.</param>
    public async Task PutAsync(ClientSubscription subscription, IReadOnlyDictionary<TopicName, KafkaProgress> starts, bool isHeld)
    {
        var replaced = this[subscription.Options.Filter.Text];
        _byFilter[subscription.Options.Filter.Text] = subscription;
        foreach (var topic in subscription.PlacedIn)
        {
            var client = topics[topic];
            Place(subscription, new(client, subscription.Options) { IsHeld = isHeld }, replaced?.Filters.Find(f => f.Client == client), starts[topic], starts[topic]);
        }

        await (replaced?.LeaveAsync() ?? Task.CompletedTask);
        subscription.Shares.ForEach(s => s.Start());
    }

    /// <summary>Topics whose cursors are there for nothing but <paramref name="gone"/>.</summary>
    public IReadOnlyList<TopicClient> NeededOnlyBy(IEnumerable<ClientSubscription> gone)
    {
        var needed = All.Except(gone).Where(s => s.Options.IsDurable).SelectMany(s => s.Topics).ToHashSet();
        return [.. topics.All.Where(client => client.Cursor is not null && !needed.Contains(client.Topic))];
    }

    /// <summary>Does not wait until its groups are left.</summary>
    public void Remove(ClientSubscription subscription)
    {
        _byFilter.Remove(subscription.Options.Filter.Text);
        subscription.Filters.ForEach(f => f.Client.Dispatcher.Remove(f));
        var leaving = subscription.LeaveAsync();
        _leaving = _leaving.IsCompleted ? leaving : Task.WhenAll(_leaving, leaving);
    }

    /// <summary>Removes all; returns when their groups are left.</summary>
    public async Task RemoveAllAsync()
    {
        foreach (var subscription in All.ToArray())
        {
            Remove(subscription);
        }

        await _leaving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Place(ClientSubscription subscription, LiveFilter filter, LiveFilter? replaced, KafkaProgress? after, KafkaProgress? from)
    {
        filter.Client.Dispatcher.Put(filter, replaced, after);
        subscription.Filters.Add(filter);
        if (subscription.Options.IsDurable)
        {
            cursors.Start(filter.Client, from);
        }
    }
}
