using Zilla.Edge.Cache;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using TopicName = Zilla.Edge.Cache.TopicName;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// The one reader of a messages topic on this edge. A record's key, its MQTT topic, finds the subscriptions that match; each client that has some is sent the
/// message once: with QoS 0 at once, on the feed's thread, else through the queue of its cursor.
/// </summary>
/// <remarks>
/// Locks: the feed's, then this gate, then an output's or a client's own. Whatever is sent from here is copied by the output and never waits.
/// </remarks>
internal sealed class TopicDispatcher : IFeedIndex
{
    private readonly Lock _gate = new();
    private readonly TopicFilterTree<LiveFilter> _tree = new();
    private readonly List<LiveFilter> _found = [];
    private readonly List<TopicClient> _clients = [];
    private readonly HashSet<TopicClient> _attached = [];
    private readonly FollowedTopic _followed;
    private readonly SharedPublish _publish;
    private readonly int _heldMessages;
    private long _number;

    public TopicDispatcher(CacheClient cache, TopicName topic, DeliveryOptions options, TimeProvider time)
    {
        (Topic, _publish, _heldMessages) = (topic, new(time), options.HeldMessages);
        _followed = new(cache, topic, this, FailQueues);
    }

    public TopicName Topic { get; }

    /// <summary>Of connections; guarded by who makes dispatchers.</summary>
    public int Leases { get; set; }

    /// <summary>All subscriptions of all clients.</summary>
    public int Filters
    {
        get
        {
            lock (_gate)
            {
                return _tree.Count;
            }
        }
    }

    /// <summary>Where the live feed is, once there is one.</summary>
    /// <exception cref="StreamBrokenException">There is none: the topic is unknown, or no replica is there.</exception>
    public Task<KafkaProgress> PositionAsync(CancellationToken cancellationToken) => _followed.BetweenRecordsAsync(_ => { }, cancellationToken);

    /// <summary>Puts a subscription in force, in place of <paramref name="replaced"/>.</summary>
    /// <param name="filter">To be added.</param>
    /// <param name="replaced">The same client's of the same filter.</param>
    /// <param name="after">Its <see cref="LiveFilter.Since"/> if there is no live feed now; null: it keeps the one that it has of its session.</param>
    public void Put(LiveFilter filter, LiveFilter? replaced, KafkaProgress? after) => _followed.BetweenRecords(
        position =>
        {
            lock (_gate)
            {
                // Between two records of the feed, so that none is missed that comes after, and none is sent that came before.
                filter.InForce = position ?? after ?? KafkaProgress.Empty;
                filter.Since = replaced is { Options.IsDurable: true } ? replaced.Since : after is null ? filter.Since : position ?? after;
                filter.Place = _tree.Add(filter.Options.Filter.Filter.Span, filter);
                filter.Client.Add(filter);
                filter.Client.Holding += filter.IsHeld ? 1 : 0;
                if (replaced is not null)
                {
                    Take(replaced);
                }
            }
        });

    public void Remove(LiveFilter filter)
    {
        lock (_gate)
        {
            Take(filter);
        }
    }

    /// <summary>The retained messages of the subscription have been sent: what waited for them follows.</summary>
    public void LetGo(LiveFilter filter)
    {
        lock (_gate)
        {
            Free(filter);
        }
    }

    public int Dispatch(FeedRecord record)
    {
        lock (_gate)
        {
            if (!OutgoingMessage.TryRead(record.Record, out var message))
            {
                DeliveryTelemetry.Skipped();
                return 0;
            }

            _found.Clear();
            _tree.Match(message.Topic.Span, _found);
            if (_found.Count == 0)
            {
                return 0;
            }

            GroupByClient(message);
            using var activity = DeliveryTrace.Start(message, _clients);
            var (sent, full, overflowed) = (0, 0, 0);
            var isAlive = _publish.TryStart(message);
            foreach (var client in _clients)
            {
                var matches = client.Dispatched.Matches;
                if (message.QualityOfService != QualityOfService.AtMostOnce && matches.Granted != QualityOfService.AtMostOnce)
                {
                    overflowed += Offer(client, record) ? 0 : 1;
                }
                else if (!isAlive)
                {
                    DeliveryTelemetry.Dropped(DropReason.Expired);
                }
                else if (matches.IsHeld)
                {
                    Hold(client, record);
                }
                else if (_publish.TrySend(client.Output, matches, out var isTooLarge))
                {
                    sent++;
                }
                else if (isTooLarge)
                {
                    DeliveryTelemetry.Dropped(DropReason.TooLarge);
                }
                else
                {
                    full++;
                }
            }

            Count(sent, full);
            return overflowed;
        }
    }

    /// <summary>For the cursor of a client.</summary>
    public Task<KafkaProgress> AttachAsync(TopicClient client, FeedQueue queue, CancellationToken cancellationToken) => _followed.BetweenRecordsAsync(
        _ =>
        {
            lock (_gate)
            {
                client.Queue = queue;
                _attached.Add(client);
            }
        }, cancellationToken);

    public void Detach(TopicClient client, FeedQueue queue)
    {
        lock (_gate)
        {
            if (client.Queue == queue)
            {
                client.Queue = null;
                _attached.Remove(client);
            }
        }
    }

    /// <summary>Runs between two records; not if there is no live feed now.</summary>
    public void IfLive(Action<KafkaProgress> action) => _followed.BetweenRecords(position =>
    {
        if (position is not null)
        {
            action(position);
        }
    });

    /// <summary>Tells a client's cursor where the live feed is, if it waits for it.</summary>
    public void Mark(TopicClient client) => IfLive(position =>
    {
        lock (_gate)
        {
            client.Queue?.Mark(position);
        }
    });

    public void Stop() => _followed.Stop();

    private bool Offer(TopicClient client, FeedRecord record)
    {
        if (client.Queue is not { } queue || queue.Offer(record))
        {
            return true;
        }

        client.Queue = null;
        _attached.Remove(client);
        return false;
    }

    private static void Count(int sent, int full)
    {
        if (sent > 0)
        {
            DeliveryTelemetry.Published(QualityOfService.AtMostOnce, sent);
        }

        if (full > 0)
        {
            DeliveryTelemetry.Dropped(DropReason.OutputFull, full);
        }
    }

    private void GroupByClient(in OutgoingMessage message)
    {
        _clients.Clear();
        var number = ++_number;
        foreach (var filter in _found)
        {
            var client = filter.Client;
            if (filter.Options.NoLocal && message.IsFrom(client.ClientId.Span))
            {
                continue;
            }

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

    private void Hold(TopicClient client, FeedRecord record)
    {
        var held = client.Held ??= new();
        if (held.Count < _heldMessages)
        {
            held.Enqueue(record);
        }
        else
        {
            DeliveryTelemetry.Dropped(DropReason.OutputFull);
        }
    }

    private void Take(LiveFilter filter)
    {
        _tree.Remove(filter.Place!);
        filter.Client.Remove(filter);
        Free(filter);
    }

    private void Free(LiveFilter filter)
    {
        var client = filter.Client;
        if (!filter.IsHeld)
        {
            return;
        }

        filter.IsHeld = false;
        if (--client.Holding > 0 || client.Held is not { } held)
        {
            return;
        }

        client.Held = null;
        foreach (var record in held)
        {
            SendHeld(client, record.Record);
        }
    }

    /// <summary>With the subscriptions that the client has now.</summary>
    private void SendHeld(TopicClient client, in KafkaRecord record)
    {
        OutgoingMessage.TryRead(record, out var message);
        _found.Clear();
        _tree.Match(message.Topic.Span, _found);
        var matches = default(Matches);
        foreach (var filter in _found)
        {
            if (filter.Client == client && !(filter.Options.NoLocal && message.IsFrom(client.ClientId.Span)))
            {
                matches.Add(filter);
            }
        }

        if (matches.First is null)
        {
            return;
        }

        var sent = _publish.TryStart(message) && _publish.TrySend(client.Output, matches, out _);
        Count(sent ? 1 : 0, sent ? 0 : 1);
    }

    private void FailQueues(StreamBrokenException reason)
    {
        lock (_gate)
        {
            foreach (var client in _attached)
            {
                client.Queue?.Fail(reason);
                client.Queue = null;
            }

            _attached.Clear();
        }
    }
}
