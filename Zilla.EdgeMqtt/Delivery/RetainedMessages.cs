using Zilla.Edge.Cache;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams;
using TopicName = Zilla.Edge.Cache.TopicName;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>Sends a client the retained messages that the subscriptions of one SUBSCRIBE ask for (§3.3.1.3), as fast as it takes them.</summary>
internal sealed class RetainedMessages(CacheClient cache, TopicName topic, RetainedWrites writes, ReadOnlyMemory<byte> clientId, ClientSender sender)
{
    private const int BatchMessages = 64;

    private readonly TopicFilterTree<FilterOptions> _filters = new();
    private readonly List<FilterOptions> _found = [];
    private readonly List<Outgoing> _batch = [];
    private readonly MqttPropertiesBuilder _properties = new();

    /// <summary>For what was published with QoS 0 at this edge to be in Kafka.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <exception cref="StreamBrokenException">They cannot be had.</exception>
    public async Task SendAsync(IReadOnlyCollection<FilterOptions> subscriptions)
    {
        foreach (var options in subscriptions)
        {
            _filters.Add(options.Filter.Filter.Span, options);
        }

        var filters = MessageFilters.Of(subscriptions.Select(s => s.Filter.Filter), withoutQoS0: false);
        await writes.SettledAsync().WaitAsync(Patience, sender.Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        sender.Ended.ThrowIfCancellationRequested();
        await using var reader = await cache.FetchAsync(new FetchRequest(topic) { Filters = filters, Current = true }, sender.Ended);
        while (await reader.ReadAsync(sender.Ended) is (true, var record))
        {
            // A null or empty value: the message is retained no more.
            if (record.Value.IsEmpty || !OutgoingMessage.TryRead(record, out var message))
            {
                continue;
            }

            var matched = Match(message);
            var qos = message.QualityOfService < matched.Granted ? message.QualityOfService : matched.Granted;
            var outgoing = new Outgoing(topic.Topic, message, qos, matched) { IsRetained = true };
            if (matched.Any && sender.IsSendable(outgoing, _properties))
            {
                await SendAsync(outgoing);
            }
        }

        await FlushAsync();
    }

    private async ValueTask SendAsync(Outgoing outgoing)
    {
        DeliveryTelemetry.RetainedSent.Add(1);
        if (outgoing.QualityOfService == QualityOfService.AtMostOnce)
        {
            await sender.PublishAsync(outgoing, 0, _properties);
            return;
        }

        _batch.Add(outgoing);
        if (_batch.Count == BatchMessages)
        {
            await FlushAsync();
        }
    }

    private async Task FlushAsync()
    {
        while (_batch.Count > 0)
        {
            var slots = await sender.Window.TakeSlotsAsync(_batch.Count, sender.Ended);
            await sender.SendAsync(_batch[..slots], null, [], _properties);
            _batch.RemoveRange(0, slots);
        }
    }

    private MatchedFilters Match(in OutgoingMessage message)
    {
        _found.Clear();
        _filters.Match(message.Topic.Span, _found);
        var matched = default(MatchedFilters);
        foreach (var options in _found)
        {
            if (!(options.NoLocal && message.IsFrom(clientId.Span)))
            {
                matched.Add(options);
            }
        }

        return matched;
    }
}
