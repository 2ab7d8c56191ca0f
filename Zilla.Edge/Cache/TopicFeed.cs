using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

/// <summary>
/// The one live stream that an edge has for a topic, however many clients follow it, and its dispatch to their queues. It survives the loss of
/// the replica it reads from: it goes on with another from its own position, and subscribers do not notice.
/// </summary>
internal sealed class TopicFeed
{
    private readonly CacheClient _client;
    private readonly Lock _gate = new();
    private readonly SubscriberIndex _subscribers = new();
    private readonly List<LiveFeed> _others = [];
    private readonly ProgressVector _position = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _linger;
    private int _leases;
    private bool _retired;

    public TopicFeed(CacheClient client, TopicName topic)
    {
        (_client, Topic) = (client, topic);

        // The feed serves everybody: it belongs to no trace of whoever came first.
        using (ExecutionContext.SuppressFlow())
        {
            _linger = client.Time.CreateTimer(_ => RetireIfUnused(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _ = Task.Run(RunAsync);
        }
    }

    public TopicName Topic { get; }

    /// <summary>Keeps the feed alive until <see cref="Release"/>. False: it has been retired, and another takes its place.</summary>
    public bool TryLease()
    {
        lock (_gate)
        {
            if (_retired)
            {
                return false;
            }

            _leases++;
            return true;
        }
    }

    public void Release()
    {
        lock (_gate)
        {
            if (--_leases == 0 && !_retired)
            {
                _linger.Change(_client.Options.FeedLinger, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>
    /// Has the queue receive whatever matches from the returned position on. What lies before that position is for the caller to fetch.
    /// </summary>
    /// <exception cref="StreamBrokenException">The feed cannot be opened, or has failed.</exception>
    public async Task<KafkaProgress> AttachAsync(FeedQueue queue, CancellationToken cancellationToken)
    {
        await _ready.Task.WaitAsync(cancellationToken);
        return BetweenRecords(_ => _subscribers.Add(queue));
    }

    public void Detach(FeedQueue queue)
    {
        lock (_gate)
        {
            _subscribers.Remove(queue);
        }
    }

    /// <summary>Has <paramref name="index"/> receive every record from some position on. The caller has a lease, which goes over to what is returned.</summary>
    /// <inheritdoc cref="AttachAsync" path="/exception"/>
    public async Task<LiveFeed> AddAsync(IFeedIndex index, CancellationToken cancellationToken)
    {
        await _ready.Task.WaitAsync(cancellationToken);
        var live = new LiveFeed(this, index);
        BetweenRecords(_ => _others.Add(live));
        return live;
    }

    public void Remove(LiveFeed live)
    {
        lock (_gate)
        {
            _others.Remove(live);
        }
    }

    /// <inheritdoc cref="LiveFeed.BetweenRecords"/>
    public KafkaProgress BetweenRecords(Action<KafkaProgress> action)
    {
        lock (_gate)
        {
            if (_retired)
            {
                throw new StreamBrokenException(Cause.Unavailable, $"The live feed of {Topic} has ended.");
            }

            var position = _position.ToProgress();
            action(position);
            return position;
        }
    }

    public void Stop() => Retire(new StreamBrokenException(Cause.ShuttingDown, "The gateway is shutting down."));

    private async Task RunAsync()
    {
        var delay = _client.NewRetryDelay();
        var tries = _client.Replicas.Count;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await ReadAsync(delay);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                var broken = e as StreamBrokenException ?? new StreamBrokenException(Cause.Internal, e.Message);
                CacheLog.FeedLost(_client.Logger, Topic, broken.Cause, broken.Message);
                if (broken.Cause.IsFinal() || (!_ready.Task.IsCompleted && --tries <= 0))
                {
                    Retire(broken);
                    return;
                }
            }

            await delay.WaitAsync(_stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(RetryDelay delay)
    {
        await using var stream = _client.OpenFetch(Request());
        var start = await stream.ReadStartAsync(_client.Deadlines, _stop.Token);
        lock (_gate)
        {
            if (_position.IsAheadOf(start))
            {
                // Subscribers have positions of the old topic: they must open again to be told.
                throw new StreamBrokenException(Cause.UnknownTopic, $"{Topic} was made anew.");
            }

            _position.Raise(start);
        }

        _ready.TrySetResult();
        while (true)
        {
            var step = await stream.ReadAsync(_stop.Token);
            lock (_gate)
            {
                // A bounded run at a time, so that whoever wants to attach is let in.
                for (var run = 0; Take(step) && run < 256 && stream.TryRead(out step); run++)
                {
                }
            }

            delay.Reset();
        }
    }

    private FetchRequest Request()
    {
        lock (_gate)
        {
            // Once the feed has a position, a partition that it lacks is a new one: nothing of it may be missed.
            var start = _ready.Task.IsCompleted ? KafkaFetch.Types.Start.Historical : KafkaFetch.Types.Start.Live;
            return new FetchRequest(Topic) { From = _position.ToProgress(), DefaultStart = start, Bound = KafkaFetch.Types.Bound.Live };
        }
    }

    private bool Take(in FetchStep step)
    {
        switch (step.Kind)
        {
            case FetchStepKind.Record:
                if (_position.TryPass(step.Record))
                {
                    var record = new FeedRecord(step.Record);
                    var overflowed = _subscribers.Dispatch(record);
                    foreach (var other in _others)
                    {
                        overflowed += other.Index.Dispatch(record);
                    }

                    EdgeTelemetry.FeedRecords.Add(1);
                    EdgeTelemetry.FeedOverflows.Add(overflowed);
                }

                return true;
            case FetchStepKind.Progress:
                _position.Raise(step.Progress!);
                return true;
            default:
                throw new StreamBrokenException(Cause.LaneLost, "The live stream has ended.");
        }
    }

    private void RetireIfUnused() => Retire(new StreamBrokenException(Cause.Unavailable, "The live feed was released."), onlyIfUnused: true);

    private void Retire(StreamBrokenException reason, bool onlyIfUnused = false)
    {
        FeedQueue[] left;
        LiveFeed[] others;
        lock (_gate)
        {
            if (_retired || (onlyIfUnused && _leases > 0))
            {
                return;
            }

            _retired = true;
            left = [.. _subscribers.Queues];
            others = [.. _others];
        }

        _client.Forget(this);
        _ready.TrySetException(reason);
        _ = _ready.Task.Exception; // observed even if nobody waits
        _stop.Cancel();
        _linger.Dispose();
        foreach (var queue in left)
        {
            queue.Fail(reason);
        }

        foreach (var other in others)
        {
            other.End(reason);
        }
    }
}
