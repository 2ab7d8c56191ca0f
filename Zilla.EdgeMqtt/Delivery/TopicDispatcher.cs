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
/// <code>
/// record ─▶ Recipients ─┬─ both QoS 1 or 2 ───▶ CursorQueues ─▶ cursor ─▶ output
///                       └─ one of them QoS 0 ──▶ LiveSender ─▶ output
/// </code>
/// Locks: the feed's, then this gate, then an output's or a client's own. Whatever is sent from here is copied by the output and never waits.
/// </remarks>
internal sealed class TopicDispatcher : IFeedIndex
{
    private readonly Lock _gate = new();
    private readonly Recipients _recipients = new();
    private readonly CursorQueues _queues = new();
    private readonly LiveSender _live;
    private readonly FollowedTopic _followed;

    public TopicDispatcher(CacheClient cache, TopicName topic, DeliveryOptions options, TimeProvider time)
    {
        (Topic, _live) = (topic, new(_recipients, options, time));
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
                return _recipients.Filters;
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
                Begin(filter, replaced, position, after);
                _recipients.Add(filter, replaced);
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

    /// <summary>The retained messages of these subscriptions of the client have been sent: what waited for them follows.</summary>
    public void LetGo(TopicClient client, IEnumerable<LiveFilter> filters)
    {
        lock (_gate)
        {
            foreach (var filter in filters)
            {
                filter.IsHeld = false;
            }

            _live.SendHeld(client);
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

            var clients = _recipients.Of(message);
            if (clients.Count == 0)
            {
                return 0;
            }

            using var activity = DeliveryTrace.Start(message, clients);
            var overflowed = 0;
            _live.Start(message);
            foreach (var client in clients)
            {
                if (message.QualityOfService != QualityOfService.AtMostOnce && client.Dispatched.Matches.Granted != QualityOfService.AtMostOnce)
                {
                    overflowed += _queues.Offer(client, record) ? 0 : 1;
                }
                else
                {
                    _live.Send(client, record);
                }
            }

            _live.End();
            return overflowed;
        }
    }

    /// <summary>For the cursor of a client.</summary>
    public Task<KafkaProgress> AttachAsync(TopicClient client, FeedQueue queue, CancellationToken cancellationToken) => _followed.BetweenRecordsAsync(
        _ =>
        {
            lock (_gate)
            {
                _queues.Attach(client, queue);
            }
        }, cancellationToken);

    public void Detach(TopicClient client, FeedQueue queue)
    {
        lock (_gate)
        {
            _queues.Detach(client, queue);
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

    /// <summary>Says where the subscription begins.</summary>
    private static void Begin(LiveFilter filter, LiveFilter? replaced, KafkaProgress? position, KafkaProgress? after)
    {
        filter.InForce = position ?? after ?? KafkaProgress.Empty;
        if (replaced is { Options.IsDurable: true } or { IsAhead: true })
        {
            (filter.Since, filter.IsAhead) = (replaced.Since, replaced.IsAhead);
        }
        else if (after is not null)
        {
            filter.Since = position ?? after;
        }
        else
        {
            filter.IsAhead = filter.Since is { } since && position?.Covers(since) != true;
        }
    }

    private void Take(LiveFilter filter)
    {
        _recipients.Remove(filter);
        if (filter.IsHeld)
        {
            filter.IsHeld = false;
            _live.SendHeld(filter.Client);
        }
    }

    private void FailQueues(StreamBrokenException reason)
    {
        lock (_gate)
        {
            _queues.Fail(reason);
        }
    }
}
