using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Sessions;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Delivery;

/// <inheritdoc cref="IDelivery"/>
/// <remarks>
/// <code>
/// QoS 0, live      dispatcher of the topic ───────────────────▶ output          costs no task here
/// QoS 1 and 2      ClientCursors, one for each topic ─▶ Window ─▶ output        after what was under way, and after what is retained
/// shared           ShareGroups, a reader for each ────▶ Window ─▶ output        after what was under way
/// retained         RetainedTurns, one after the other ─▶ Window ─▶ output       after what was under way
/// under way        Resumption, once ────────────────────────────▶ output
/// </code>
/// Here is the order of the steps: what is in force is durable first, and what is forgotten is out of force after the session has forgotten it.
/// </remarks>
internal sealed class ClientDelivery : IDelivery
{
    private readonly Deliveries _shared;
    private readonly IPacketOutput _output;
    private readonly ISession _session;
    private readonly IMessageTopics _routes;
    private readonly CancellationTokenSource _ended = new();
    private readonly ClientSender _sender;
    private readonly ClientTopics _topics;
    private readonly ClientCursors _cursors;
    private readonly ClientSubscriptions _subscriptions;
    private readonly ShareGroups _groups;
    private readonly RetainedTurns _retained;
    private Task _resumed = Task.CompletedTask;

    public ClientDelivery(Deliveries shared, ReadOnlyMemory<byte> clientId, IPacketOutput output, ISession session, IMessageTopics routes)
    {
        (_shared, _output, _session, _routes) = (shared, output, session, routes);
        _sender = new(output, session, shared.Time, shared.Reports, _ended.Token);
        _topics = new(shared.Dispatchers, clientId, output);
        _cursors = new(shared, _sender, Before);
        _subscriptions = new(_topics, _cursors);
        _groups = new(session, clientId, output, _sender, shared.Options, () => _resumed);
        _retained = new(shared, routes.Retained, clientId, _sender, () => _resumed);
    }

    public IEnumerable<MqttString> Filters => _subscriptions.All.Select(s => s.Options.Filter.Filter);

    public void Resume(Predicate<MqttString> isAllowed)
    {
        var delivery = _session.Attached.Delivery;
        var subscriptions = _session.Attached.Subscriptions.Select(message => FilterOptions.Of(message, _output.Version)).OfType<FilterOptions>()
            .Where(options => isAllowed(options.Filter.Filter)).Select(options => new ClientSubscription(options, _routes.Of(options.Filter.Filter.Span))).ToList();
        var inForce = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // What is read before all are in force would be passed over where it is for one that is not yet: the session would have got past it.
        _resumed = inForce.Task;
        if (delivery is { Sent.Count: > 0 })
        {
            var restored = _sender.Window.Restore(delivery.Sent);
            _cursors.PassOver(restored);
            _resumed = ResumeAsync(inForce.Task, new(_shared.Cache, _routes.Retained.Cluster, _sender, _topics.Match, restored));
        }

        try
        {
            Resume(subscriptions, delivery);
        }
        finally
        {
            inForce.SetResult();
        }
    }

    public async Task<ReasonCode[]> SubscribeAsync(IReadOnlyList<Subscription> subscriptions, uint identifier, CancellationToken cancellationToken)
    {
        var request = new SubscribeRequest(subscriptions, identifier, _routes, _topics, _groups, _shared.Logger);
        try
        {
            await request.PrepareAsync(cancellationToken);
            if (request.Granted.Count > 0)
            {
                await _session.SubscribeAsync(request.ToMessage(), cancellationToken);
                await PutInForceAsync(request);
            }

            return request.Codes;
        }
        finally
        {
            await request.LeaveUnlessAsync(_subscriptions.IsInForce);
        }
    }

    public async Task<ReasonCode[]> UnsubscribeAsync(IReadOnlyList<TopicFilter> filters, CancellationToken cancellationToken)
    {
        var codes = new ReasonCode[filters.Count];
        var gone = new HashSet<ClientSubscription>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < codes.Length; i++)
        {
            codes[i] = _subscriptions[filters[i].Text] is { } subscription && gone.Add(subscription) ? ReasonCode.Success : ReasonCode.NoSubscriptionExisted;
        }

        if (gone.Count > 0)
        {
            await RemoveAsync(gone, cancellationToken);
        }

        return codes;
    }

    public void Acknowledge(PacketType type, ushort packetId, ReasonCode reason) => _sender.Acknowledge(type, packetId, reason);

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _cursors.StopAllAsync(_topics.All);
        await _subscriptions.RemoveAllAsync();
        await Task.WhenAll(_resumed, _retained.Sent).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _sender.ReportLast();
        _topics.Release();
        _ended.Dispose();
    }

    private void Resume(List<ClientSubscription> subscriptions, MqttDelivery? delivery)
    {
        var progress = (delivery?.Progress ?? []).ToDictionary(p => p.Topic, p => KafkaProgress.TryDecode(p.Progress.Span, out var from) ? from : null);
        var starts = FilterStarts.Of(delivery);

        // Where nothing has a cursor nobody would notice that the topic was made anew, and that a start means nothing any more.
        var read = subscriptions.Where(s => s.Options.IsDurable).SelectMany(s => s.Topics).ToHashSet();
        foreach (var subscription in subscriptions)
        {
            _subscriptions.Resume(
                subscription,
                topic => progress.GetValueOrDefault(topic.Topic),
                topic => read.Contains(topic) ? starts?[topic.Topic, subscription.Options.Filter.Text.ToString()] : null);
            subscription.Joining = subscription.Options.Filter.IsShared ? _groups.JoinAgainAsync(subscription) : Task.CompletedTask;
        }
    }

    private async Task PutInForceAsync(SubscribeRequest request)
    {
        var (granted, retained) = (request.Granted, new List<ClientSubscription>());

        // Goes on at once: which retained messages are under way is looked at before SUBACK.
        var inForce = new TaskCompletionSource<IReadOnlyList<ClientSubscription>>();
        if (granted.Any(s => s.AsksForRetained(isNew: true)))
        {
            _retained.Take(inForce.Task);
        }

        try
        {
            foreach (var subscription in granted)
            {
                var asks = subscription.AsksForRetained(isNew: _subscriptions[subscription.Options.Filter.Text] is null);
                if (asks)
                {
                    retained.Add(subscription);
                }

                await _subscriptions.PutAsync(subscription, request.Starts, isHeld: asks);
            }
        }
        finally
        {
            inForce.SetResult(retained);
        }
    }

    private async Task RemoveAsync(IReadOnlyCollection<ClientSubscription> gone, CancellationToken cancellationToken)
    {
        var forgotten = _subscriptions.NeededOnlyBy(gone);
        var change = new MqttSubscribe();
        change.Removed.Add(gone.Select(s => s.Options.Filter.Text.ToString()));
        change.Forget.Add(forgotten.Select(client => client.Topic.Topic));
        foreach (var client in forgotten)
        {
            // Before the session forgets it, so that no report brings it back.
            _sender.Window.Forget(client.Topic.Topic);
        }

        await _session.SubscribeAsync(change, cancellationToken);
        foreach (var subscription in gone)
        {
            _subscriptions.Remove(subscription);
        }

        foreach (var client in forgotten)
        {
            _cursors.Stop(client);
        }
    }

    private async Task ResumeAsync(Task inForce, Resumption underWay)
    {
        try
        {
            await inForce;
            await underWay.SendAsync();
        }
        catch (Exception e)
        {
            _sender.Fail(e);
        }
    }

    /// <summary>What was under way, then retained messages, then the rest.</summary>
    private Task Before() => _resumed.IsCompleted ? _retained.Sent : Task.WhenAll(_resumed, _retained.Sent);
}
