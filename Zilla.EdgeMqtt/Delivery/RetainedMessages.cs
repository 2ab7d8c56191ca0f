using System.Diagnostics;
using Zilla.Edge.Cache;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams;
using TopicName = Zilla.Edge.Cache.TopicName;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>Sends a client the retained messages that the subscriptions of one SUBSCRIBE ask for (§3.3.1.3), as fast as it takes them.</summary>
internal sealed class RetainedMessages(CacheClient cache, TopicName topic, RetainedWrites writes, ReadOnlyMemory<byte> clientId, ClientSender sender)
{
    /// <summary>Messages, and bytes of their payloads, that are looked through at a time for what is not to be sent; messages that are made durable in one step.</summary>
    private const int ReadMessages = 256, ReadBytes = 256 * 1024, BatchMessages = 64;

    private readonly TopicFilterTree<FilterOptions> _filters = new();
    private readonly List<FilterOptions> _found = [];
    private readonly List<Outgoing> _read = [];
    private readonly List<Outgoing> _batch = [];
    private readonly MqttPropertiesBuilder _properties = new();

    /// <summary>For what was published at this edge to be in Kafka; all in all.</summary>
    private TimeSpan _patience = TimeSpan.FromSeconds(5);

    /// <exception cref="StreamBrokenException">They cannot be had.</exception>
    public async Task SendAsync(IReadOnlyCollection<ClientSubscription> subscriptions)
    {
        foreach (var subscription in subscriptions)
        {
            _filters.Add(subscription.Options.Filter.Filter.Span, subscription.Options);
        }

        var filters = MessageFilters.Of(subscriptions.Select(s => s.Options.Filter.Filter), withoutQoS0: false);
        var toCome = new RetainedToCome(cache, subscriptions.SelectMany(s => s.Filters), sender.Ended);
        await SettledAsync();
        await using var reader = await cache.FetchAsync(new FetchRequest(topic) { Filters = filters, Current = true }, sender.Ended);
        for (var bytes = 0L; await reader.ReadAsync(sender.Ended) is (true, var record);)
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
                _read.Add(outgoing);
                bytes += record.Value.Length;
            }

            if (_read.Count == ReadMessages || bytes >= ReadBytes)
            {
                await SendReadAsync(toCome);
                bytes = 0;
            }
        }

        await SendReadAsync(toCome);
    }

    private async Task SettledAsync()
    {
        var began = Stopwatch.GetTimestamp();
        await writes.SettledAsync().WaitAsync(_patience, sender.Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var left = _patience - Stopwatch.GetElapsedTime(began);
        _patience = left > TimeSpan.Zero ? left : TimeSpan.Zero;
        sender.Ended.ThrowIfCancellationRequested();
    }

    private async Task SendReadAsync(RetainedToCome toCome)
    {
        if (_read.Count == 0)
        {
            return;
        }

        await SettledAsync();
        var without = await toCome.OfAsync(_read);
        foreach (var outgoing in _read.Where(outgoing => !without.Contains(outgoing.Message.Topic)))
        {
            await SendAsync(outgoing);
        }

        _read.Clear();
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
            var slots = await sender.Window.Quota.TakeAsync(_batch.Count, sender.Ended);
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
