using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

/// <summary>An edge's way to the cache: one-off reads, produced records, and live feeds that all clients share.</summary>
public sealed class CacheClient : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TopicName, TopicFeed> _feeds = [];
    private readonly ReplicaChoice _choice;
    private readonly Func<double> _random;

    public CacheClient(CacheReplicas replicas, IOptions<CacheOptions> options, TimeProvider time, Random random, ILogger<CacheClient> logger)
    {
        (Options, Time, Logger) = (options.Value, time, logger);
        _random = random.NextDouble;
        Deadlines = new OpenDeadlines(Options.OpenTimeout, time);
        _choice = new ReplicaChoice(replicas, random.Next(), logger);
        Pipes = new ProducePipes(this);
    }

    /// <summary>Whether any replica can be reached now.</summary>
    public bool IsConnected => Replicas.Any(r => r.IsConnected);

    /// <summary>For many records to a topic; <see cref="ProduceAsync"/> is for one.</summary>
    public ProducePipes Pipes { get; }

    public IReadOnlyList<ICacheReplica> Replicas => _choice.Replicas;

    /// <summary>In which a replica must have answered the opening of a stream.</summary>
    public TimeSpan OpenTimeout => Options.OpenTimeout;

    /// <summary>Nothing is opened again.</summary>
    internal bool IsStopped { get; private set; }

    internal CacheOptions Options { get; }
    internal TimeProvider Time { get; }
    internal ILogger Logger { get; }

    /// <summary>Of the fetch streams that are being opened.</summary>
    internal OpenDeadlines Deadlines { get; }

    /// <summary>Follows a topic: what lies behind <paramref name="from"/>, then whatever comes. Returns when the subscription stands.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="from">Where to start; partitions that it does not name start at their beginning. Null: at the end of the topic.</param>
    /// <param name="filters">None: every record.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StreamBrokenException">No replica can be reached, or the topic is refused.</exception>
    public async Task<Subscription> SubscribeAsync(TopicName topic, KafkaProgress? from, IReadOnlyList<RecordFilter> filters, CancellationToken cancellationToken)
    {
        // The span ends when the subscription stands: a stream of days is nothing to wait for in a trace.
        using var activity = EdgeTelemetry.StartCacheCall("subscribe", topic.Cluster, topic.Topic);
        return await Subscription.OpenAsync(this, topic, from, () => filters, new FilteredFeed(this, topic), cancellationToken);
    }

    /// <summary>The same with live records from elsewhere than the index of filters.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="from">Where to start.</param>
    /// <param name="filters">Of history; asked whenever some has to be read, after the queue was attached.</param>
    /// <param name="feed">Of what follows.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <inheritdoc cref="SubscribeAsync(TopicName, KafkaProgress?, IReadOnlyList{RecordFilter}, CancellationToken)" path="/exception"/>
    public Task<Subscription> SubscribeAsync(TopicName topic, KafkaProgress from, Func<IReadOnlyList<RecordFilter>> filters, IFeedSource feed, CancellationToken cancellationToken) =>
        Subscription.OpenAsync(this, topic, from, filters, feed, cancellationToken);

    /// <summary>Has every record of a topic from now on dispatched by <paramref name="index"/>. Returns when that is so.</summary>
    /// <exception cref="StreamBrokenException">No replica can be reached, or the topic is refused.</exception>
    public async Task<LiveFeed> FollowAsync(TopicName topic, IFeedIndex index, CancellationToken cancellationToken)
    {
        var feed = LeaseFeed(topic);
        try
        {
            return await feed.AddAsync(index, cancellationToken);
        }
        catch
        {
            feed.Release();
            throw;
        }
    }

    /// <summary>Reads what <paramref name="request"/> asks for, once.</summary>
    /// <exception cref="StreamBrokenException">No replica can be reached, or the request is refused.</exception>
    public async Task<RecordReader> FetchAsync(FetchRequest request, CancellationToken cancellationToken)
    {
        using var activity = EdgeTelemetry.StartCacheCall("fetch", request.Topic.Cluster, request.Topic.Topic);
        return await RecordReader.OpenAsync(this, request, cancellationToken);
    }

    /// <summary>Where a topic ends now, not before <paramref name="after"/>: the next offset of each partition.</summary>
    /// <exception cref="StreamBrokenException">No replica can be reached, or the topic is refused.</exception>
    public async Task<KafkaProgress> EndOfAsync(TopicName topic, KafkaProgress after, CancellationToken cancellationToken)
    {
        await using var reader = await FetchAsync(new FetchRequest(topic) { DefaultStart = KafkaFetch.Types.Start.Live, After = after }, cancellationToken);
        return reader.Start;
    }

    /// <summary>Writes one record and gives its partition and next offset after Kafka's acknowledgement.</summary>
    /// <exception cref="StreamBrokenException">Not written, or (with <see cref="Cause.LaneLost"/>) not known to be.</exception>
    public async Task<KafkaProgress> ProduceAsync(ProduceRequest request, CancellationToken cancellationToken)
    {
        using var activity = EdgeTelemetry.StartCacheCall("produce", request.Topic.Cluster, request.Topic.Topic);
        var patience = new Patience(this);
        while (true)
        {
            try
            {
                await using var stream = Open(request.ToBegin(), affinity: null);
                var progress = await request.SendAsync(stream, cancellationToken);
                EdgeTelemetry.Produced.Add(1);
                return progress;
            }
            catch (StreamBrokenException e) when (patience.AllowsWrite(e))
            {
                await patience.PauseAsync(cancellationToken);
            }
        }
    }

    /// <summary>Whether records could be written to a cluster now: the cache says so, without looking at the topic.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="topic">A topic of a route; null: it is only known whether there is a cache.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<bool> IsReachableAsync(string cluster, string? topic, CancellationToken cancellationToken)
    {
        if (topic is null || !IsConnected)
        {
            return IsConnected;
        }

        try
        {
            await using var stream = OpenPipe(new PipeTarget(new TopicName(cluster, topic), KafkaProduce.Types.Acks.None, ProduceRetry.Never));
            var accepted = (await stream.ReadAsync(cancellationToken)).Kind == FrameKind.Begin;
            stream.End();
            return accepted;
        }
        catch (StreamBrokenException)
        {
            return false;
        }
    }

    /// <summary>Opens a stream of a session at the replica that owns it.</summary>
    /// <exception cref="StreamBrokenException">The process cannot be reached now (<see cref="Cause.LaneLost"/>, a refusal).</exception>
    public FrameStream OpenAt(string instance, Begin begin) => _choice.OpenAt(instance, begin);

    /// <summary>Opens a stream at any replica, one after the other.</summary>
    /// <exception cref="StreamBrokenException">None can be reached (<see cref="Cause.LaneLost"/>, a refusal).</exception>
    public FrameStream OpenAnywhere(Begin begin) => Open(begin, affinity: null);

    /// <summary>Ends all live feeds, and with them their subscriptions.</summary>
    public void Dispose()
    {
        TopicFeed[] feeds;
        lock (_gate)
        {
            feeds = [.. _feeds.Values];
            IsStopped = true;
        }

        foreach (var feed in feeds)
        {
            feed.Stop();
        }

        Pipes.Stop();
        Deadlines.Dispose();
    }

    internal FetchStream OpenFetch(FetchRequest request)
    {
        var frames = Open(request.ToBegin(), Replicas.Count > 1 ? request.Topic.ToString() : null);
        frames.End(); // BEGIN says it all
        return new(frames, Options.MaxRecordBytes);
    }

    internal FrameStream OpenPipe(PipeTarget target) => Open(
        new Begin { Kafka = new KafkaBeginEx { Cluster = target.Topic.Cluster, Topic = target.Topic.Topic, Produce = new KafkaProduce { Acks = target.Acks, Many = true } } }, affinity: null);

    /// <summary>The feed of a topic, made if need be; the caller releases it.</summary>
    internal TopicFeed LeaseFeed(TopicName topic)
    {
        lock (_gate)
        {
            if (IsStopped)
            {
                throw new StreamBrokenException(Cause.ShuttingDown, "The gateway is shutting down.");
            }

            if (_feeds.TryGetValue(topic, out var feed) && feed.TryLease())
            {
                return feed;
            }

            feed = new TopicFeed(this, topic);
            feed.TryLease();
            _feeds[topic] = feed;
            return feed;
        }
    }

    /// <summary>Called by a feed that has retired.</summary>
    internal void Forget(TopicFeed feed)
    {
        lock (_gate)
        {
            if (_feeds.GetValueOrDefault(feed.Topic) == feed)
            {
                _feeds.Remove(feed.Topic);
            }
        }
    }

    /// <summary>For whoever opens something again and again.</summary>
    public RetryDelay NewRetryDelay() => new(Options, Time, _random);

    private FrameStream Open(Begin begin, string? affinity) => _choice.Open(begin, affinity);
}
