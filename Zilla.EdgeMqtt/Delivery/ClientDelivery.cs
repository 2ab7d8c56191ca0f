using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Sessions;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Subscription = Zilla.EdgeMqtt.Packets.Subscription;
using TopicName = Zilla.Edge.Cache.TopicName;

namespace Zilla.EdgeMqtt.Delivery;

/// <inheritdoc cref="IDelivery"/>
/// <remarks>
/// What is sent with QoS 0 comes from the dispatcher of each topic and costs no task here. A topic that a subscription of QoS 1 or 2 reads has a cursor, a shared
/// subscription a reader, a SUBSCRIBE that asks for retained messages one task while they last.
/// </remarks>
internal sealed class ClientDelivery : IDelivery
{
    private readonly Deliveries _shared;
    private readonly ReadOnlyMemory<byte> _clientId;
    private readonly IPacketOutput _output;
    private readonly ISession _session;
    private readonly IMessageTopics _topics;
    private readonly CancellationTokenSource _ended = new();
    private readonly ClientSender _sender;
    private readonly Dictionary<MqttString, ClientSubscription> _subscriptions = [];
    private readonly List<TopicClient> _clients = [];
    private readonly List<Task> _stopping = [];
    private Dictionary<string, HashSet<(int, long)>>? _underWay;
    private Task _resumed = Task.CompletedTask;
    private volatile Task _retained = Task.CompletedTask;

    public ClientDelivery(Deliveries shared, ReadOnlyMemory<byte> clientId, IPacketOutput output, ISession session, IMessageTopics topics)
    {
        (_shared, _clientId, _output, _session, _topics) = (shared, clientId, output, session, topics);
        _sender = new(output, session, shared.Time, shared.Reports, _ended.Token);
    }

    public IEnumerable<MqttString> Filters => _subscriptions.Values.Select(s => s.Options.Filter.Filter);

    public void Resume(Predicate<MqttString> isAllowed)
    {
        var attached = _session.Attached;
        List<InFlight> restored = attached.Delivery is { Sent: { Count: > 0 } sent } ? _sender.Window.Restore(sent) : [];
        if (restored.Count > 0)
        {
            _underWay = restored.GroupBy(e => e.Topic).ToDictionary(g => g.Key, g => g.Select(e => e.Record).ToHashSet());
        }

        var progress = (attached.Delivery?.Progress ?? []).ToDictionary(p => p.Topic, p => KafkaProgress.TryDecode(p.Progress.Span, out var from) ? from : null);
        var since = FilterStarts.Of(attached.Delivery);
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _resumed = restored.Count == 0 ? Task.CompletedTask : ResumeAsync(start.Task, restored);
        var allowed = attached.Subscriptions.Select(message => FilterOptions.Of(message, _output.Version)).OfType<FilterOptions>().Where(options => isAllowed(options.Filter.Filter))
            .Select(options => new ClientSubscription(options, _topics.Of(options.Filter.Filter.Span))).ToList();

        // Where nothing has a cursor nobody would notice that the topic was made anew, and that a start means nothing any more.
        var read = allowed.Where(s => s.Options.IsDurable).SelectMany(s => s.Topics).ToHashSet();
        foreach (var subscription in allowed)
        {
            PutInForce(subscription, null, topic => progress.GetValueOrDefault(topic.Topic), after: null,
                since: topic => read.Contains(topic) ? since?[topic.Topic, subscription.Options.Filter.Text.ToString()] : null);
            if (subscription.Options.Filter.IsShared)
            {
                subscription.Joining = ShareAgainAsync(subscription);
            }
        }

        start.SetResult();
    }

    public async Task<ReasonCode[]> SubscribeAsync(IReadOnlyList<Subscription> subscriptions, uint identifier, CancellationToken cancellationToken)
    {
        var codes = new ReasonCode[subscriptions.Count];
        var asked = subscriptions.Select(s => new ClientSubscription(Grant(s, identifier), _topics.Of(s.Filter.Filter.Span))).ToArray();
        var starts = new Dictionary<TopicName, KafkaProgress>();
        try
        {
            for (var i = 0; i < codes.Length; i++)
            {
                codes[i] = await PrepareAsync(asked[i], starts, cancellationToken);
            }

            var granted = asked.Where((_, i) => codes[i] < ReasonCode.UnspecifiedError).ToList();
            if (granted.Count > 0)
            {
                await _session.SubscribeAsync(Change(granted, starts), cancellationToken);
                await PutInForceAsync(granted, starts);
            }

            return codes;
        }
        finally
        {
            foreach (var subscription in asked.Where(s => _subscriptions.GetValueOrDefault(s.Options.Filter.Text) != s))
            {
                await subscription.LeaveAsync();
            }
        }
    }

    public async Task<ReasonCode[]> UnsubscribeAsync(IReadOnlyList<TopicFilter> filters, CancellationToken cancellationToken)
    {
        var codes = new ReasonCode[filters.Count];
        var gone = new Dictionary<MqttString, ClientSubscription>();
        for (var i = 0; i < codes.Length; i++)
        {
            codes[i] = _subscriptions.TryGetValue(filters[i].Text, out var subscription) && gone.TryAdd(subscription.Options.Filter.Text, subscription)
                ? ReasonCode.Success : ReasonCode.NoSubscriptionExisted;
        }

        if (gone.Count == 0)
        {
            return codes;
        }

        var needed = _subscriptions.Values.Except(gone.Values).Where(s => s.Options.IsDurable).SelectMany(s => s.Topics).ToHashSet();
        var forgotten = _clients.Where(client => client.Cursor is not null && !needed.Contains(client.Topic)).ToArray();
        var change = new MqttSubscribe();
        change.Removed.Add(gone.Keys.Select(text => text.ToString()));
        change.Forget.Add(forgotten.Select(client => client.Topic.Topic));
        foreach (var client in forgotten)
        {
            // Before the session forgets it, so that no report brings it back.
            _sender.Window.Forget(client.Topic.Topic);
        }

        await _session.SubscribeAsync(change, cancellationToken);
        foreach (var (text, subscription) in gone)
        {
            _subscriptions.Remove(text);
            Take(subscription);
        }

        foreach (var client in forgotten)
        {
            _shared.Reports.Remove(client.Cursor!);
            _stopping.Add(client.Cursor!.DisposeAsync().AsTask());
            client.Cursor = null;
        }

        return codes;
    }

    public void Acknowledge(PacketType type, ushort packetId, ReasonCode reason) => _sender.Acknowledge(type, packetId, reason);

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        foreach (var client in _clients)
        {
            // With its filters still in force: it looks at how far the feed has come without anything for it.
            if (client.Cursor is { } cursor)
            {
                _shared.Reports.Remove(cursor);
                await cursor.DisposeAsync();
            }
        }

        foreach (var filter in _subscriptions.Values.SelectMany(s => s.Filters))
        {
            filter.Client.Dispatcher.Remove(filter);
        }

        foreach (var subscription in _subscriptions.Values)
        {
            await subscription.LeaveAsync();
        }

        await Task.WhenAll([_resumed, _retained, .. _stopping]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _sender.ReportLast();
        foreach (var client in _clients)
        {
            _shared.Dispatchers.Release(client.Dispatcher);
        }

        _ended.Dispose();
    }

    private static FilterOptions Grant(in Subscription asked, uint identifier)
    {
        // What is shared is settled by whichever client of the group is there: it could not complete QoS 2 for another (decision 0024).
        var most = asked.Filter.IsShared ? QualityOfService.AtLeastOnce : QualityOfService.ExactlyOnce;
        var text = new MqttString(asked.Filter.Text.Utf8.ToArray());
        TopicFilter.TryParse(text, asked.Filter.IsShared ? MqttVersion.V5 : MqttVersion.V311, out var filter);
        return new(filter, asked.MaximumQoS < most ? asked.MaximumQoS : most, identifier)
        {
            NoLocal = asked.NoLocal,
            RetainAsPublished = asked.RetainAsPublished,
            RetainHandling = asked.RetainHandling,
        };
    }

    /// <summary>Makes sure that it can be granted: its topics are there, and read.</summary>
    private async Task<ReasonCode> PrepareAsync(ClientSubscription subscription, Dictionary<TopicName, KafkaProgress> starts, CancellationToken cancellationToken)
    {
        var options = subscription.Options;
        if (!TopicFilterTree<LiveFilter>.Holds(options.Filter.Filter.Span))
        {
            return ReasonCode.TopicFilterInvalid;
        }

        if (subscription.Topics.Count == 0)
        {
            return ReasonCode.NotAuthorized;
        }

        foreach (var topic in subscription.Topics)
        {
            try
            {
                if (options.Filter.IsShared)
                {
                    subscription.Shares.Add(await ShareAsync(options, topic, cancellationToken));
                }
                else if (!starts.ContainsKey(topic))
                {
                    starts[topic] = await Client(topic).Dispatcher.PositionAsync(cancellationToken);
                }
            }
            catch (StreamBrokenException e)
            {
                DeliveryLog.TopicUnavailable(_shared.Logger, topic, e.Cause, e.Message);
                return ReasonCode.ImplementationSpecificError;
            }
            catch (SessionRefusedException e)
            {
                return e.Reason;
            }
        }

        return (ReasonCode)options.Granted;
    }

    private MqttSubscribe Change(List<ClientSubscription> granted, Dictionary<TopicName, KafkaProgress> starts)
    {
        var change = new MqttSubscribe();
        change.Added.Add(granted.Select(s => s.Options.ToMessage()));
        foreach (var topics in granted.Where(s => !s.Options.Filter.IsShared).SelectMany(s => s.Topics.Select(topic => (Topic: topic, s.Options.IsDurable))).GroupBy(t => t.Topic))
        {
            var start = TopicProgress.ToMessage(topics.Key.Topic, starts[topics.Key]);
            if (Client(topics.Key).Cursor is not null)
            {
                change.FilterStart.Add(start);
            }
            else if (topics.Any(t => t.IsDurable))
            {
                change.Start.Add(start);
            }
        }

        return change;
    }

    private async Task PutInForceAsync(List<ClientSubscription> granted, Dictionary<TopicName, KafkaProgress> starts)
    {
        var retained = new List<ClientSubscription>();
        var inForce = new TaskCompletionSource();
        if (granted.Exists(s => !s.Options.Filter.IsShared && s.Options.RetainHandling != RetainHandling.DoNotSend))
        {
            // Before any is in force: what comes by it waits for this.
            _retained = SendRetainedAsync(Task.WhenAll(_retained, inForce.Task), retained);
        }

        try
        {
            foreach (var subscription in granted)
            {
                var options = subscription.Options;
                var isNew = !_subscriptions.TryGetValue(options.Filter.Text, out var replaced);
                var wantsRetained = !options.Filter.IsShared
                    && (options.RetainHandling == RetainHandling.SendAtSubscribe || (options.RetainHandling == RetainHandling.SendIfNew && isNew));
                if (wantsRetained)
                {
                    retained.Add(subscription);
                }

                PutInForce(subscription, replaced, topic => starts[topic], starts, wantsRetained);
                await (replaced?.LeaveAsync() ?? Task.CompletedTask);
                subscription.Shares.ForEach(s => s.Start());
            }
        }
        finally
        {
            inForce.SetResult();
        }
    }

    private void PutInForce(
        ClientSubscription subscription, ClientSubscription? replaced, Func<TopicName, KafkaProgress?> start, Dictionary<TopicName, KafkaProgress>? after, bool isHeld = false,
        Func<TopicName, KafkaProgress?>? since = null)
    {
        _subscriptions[subscription.Options.Filter.Text] = subscription;
        if (subscription.Options.Filter.IsShared)
        {
            return;
        }

        foreach (var topic in subscription.Topics)
        {
            var client = Client(topic);
            var filter = new LiveFilter(client, subscription.Options) { IsHeld = isHeld, Since = since?.Invoke(topic) };
            client.Dispatcher.Put(filter, replaced?.Filters.Find(f => f.Client == client), after?[topic]);
            subscription.Filters.Add(filter);
            if (subscription.Options.IsDurable && client.Cursor is null)
            {
                client.Cursor = new(_shared.Cache, client, _sender, start(topic), Before);
                client.Cursor.Start(_underWay?.GetValueOrDefault(topic.Topic));
                _shared.Reports.Add(client.Cursor);
            }
        }
    }

    private void Take(ClientSubscription subscription)
    {
        subscription.Filters.ForEach(f => f.Client.Dispatcher.Remove(f));
        _stopping.Add(subscription.LeaveAsync());
    }

    private async Task<ShareReader> ShareAsync(FilterOptions options, TopicName topic, CancellationToken cancellationToken)
    {
        var message = new MqttShare
        {
            Name = options.Filter.ShareName.ToString(),
            Filter = options.Filter.Filter.ToString(),
            Topic = topic.Topic,
            ClientId = System.Text.Encoding.UTF8.GetString(_clientId.Span),
            InFlight = (uint)Math.Min(_shared.Options.ShareInFlight, _output.ReceiveMaximum),
        };
        message.Filters.Add(MessageFilters.Of([options.Filter.Filter], withoutQoS0: false).Select(f => f.ToMessage()));
        return new(await _session.ShareAsync(message, cancellationToken), topic.Topic, options, _sender, () => _resumed);
    }

    private async Task ShareAgainAsync(ClientSubscription subscription)
    {
        try
        {
            foreach (var topic in subscription.Topics)
            {
                var share = await ShareAsync(subscription.Options, topic, _ended.Token);
                subscription.Shares.Add(share);
                share.Start();
            }
        }
        catch (Exception e)
        {
            _sender.Fail(e);
        }
    }

    private async Task SendRetainedAsync(Task before, List<ClientSubscription> subscriptions)
    {
        try
        {
            await before;
            await _resumed;
            if (subscriptions.Count > 0)
            {
                await new RetainedMessages(_shared.Cache, _topics.Retained, _shared.RetainedWrites, _clientId, _sender).SendAsync(subscriptions);
            }
        }
        catch (StreamBrokenException e)
        {
            DeliveryLog.RetainedUnavailable(_shared.Logger, _topics.Retained, e.Cause, e.Message);
        }
        catch (Exception e)
        {
            _sender.Fail(e);
        }
        finally
        {
            foreach (var client in subscriptions.SelectMany(s => s.Filters).GroupBy(filter => filter.Client))
            {
                client.Key.Dispatcher.LetGo(client.Key, client);
            }
        }
    }

    private async Task ResumeAsync(Task start, List<InFlight> restored)
    {
        try
        {
            await start;
            await new Resumption(_shared.Cache, _topics.Retained.Cluster, _sender, Match, restored).SendAsync();
        }
        catch (Exception e)
        {
            _sender.Fail(e);
        }
    }

    private MatchedFilters Match(string topic, OutgoingMessage message) =>
        _clients.Find(c => c.Topic.Topic == topic)?.Match(message) ?? default;

    /// <summary>What was under way, then retained messages, then the rest.</summary>
    private Task Before() => _resumed.IsCompleted ? _retained : Task.WhenAll(_resumed, _retained);

    private TopicClient Client(TopicName topic)
    {
        // One, or a few.
        var client = _clients.Find(c => c.Topic == topic);
        if (client is null)
        {
            _clients.Add(client = new(_shared.Dispatchers.Lease(topic), _clientId, _output));
        }

        return client;
    }
}
