using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

/// <summary>
/// One client's view of a topic: history from its own position, then live, each matching record once and in order per partition. For one
/// reader at a time.
/// </summary>
/// <remarks>
/// A round goes: attach a bounded queue to the topic's feed, which gives the feed's position L; fetch [own position, L) with the filters; then
/// read the queue. A queue that overflowed is read to its end, and a new round starts from the own position. Nothing is missed: the queue
/// begins where history ends. Nothing repeats: what lies before the own position is passed over.
/// </remarks>
public sealed class Subscription : IAsyncDisposable
{
    private readonly CacheClient _client;
    private readonly TopicName _topic;
    private readonly Func<IReadOnlyList<RecordFilter>> _filters;
    private readonly IFeedSource _feed;
    private readonly ProgressVector _position;
    private readonly RetryDelay _delay;
    private readonly bool _fromEnd;
    private FeedQueue? _queue;
    private FetchStream? _history;
    private KafkaProgress _until = KafkaProgress.Empty;
    private KafkaRecord _next;
    private bool _hasNext;
    private bool _isMarked;
    private StreamBrokenException? _broken;

    private Subscription(CacheClient client, TopicName topic, KafkaProgress? from, Func<IReadOnlyList<RecordFilter>> filters, IFeedSource feed)
    {
        (_client, _topic, _filters, _feed, _fromEnd) = (client, topic, filters, feed, from is null);
        _position = new ProgressVector();
        foreach (var (partition, offset) in (from ?? KafkaProgress.Empty).Partitions)
        {
            if (offset >= 0)
            {
                _position.Set(partition, offset);
            }
        }

        _delay = client.NewRetryDelay();
        EdgeTelemetry.Subscriptions.Add(1);
    }

    /// <summary>Behind the record read last: a new subscription from here goes on where this one is.</summary>
    public ProgressVector Position => _position;

    /// <summary>Whether history is still being read.</summary>
    public bool InHistory => _history is not null;

    /// <summary>Whether all that the feed has put aside has been read, and it goes on doing so. Between two records of the feed this says that the feed's position is this one's as well.</summary>
    public bool IsLive => _history is null && !_hasNext && _queue is { IsIdle: true };

    /// <summary>Returns when <see cref="TryRead"/> has a record, or <see cref="TakeMark"/> a mark.</summary>
    /// <exception cref="StreamBrokenException">The topic has gone, access was withdrawn, or the edge is stopping.</exception>
    public async Task WaitToReadAsync(CancellationToken cancellationToken)
    {
        while (!_hasNext && !_isMarked)
        {
            try
            {
                if (_broken is { } broken)
                {
                    _broken = null;
                    throw broken;
                }

                if (_queue is null)
                {
                    await JoinAsync(cancellationToken);
                }
                else if (_history is not null)
                {
                    TakeHistory(await _history.ReadAsync(cancellationToken));
                }
                else if (!await _queue.WaitToReadAsync(cancellationToken))
                {
                    Leave();
                }
                else
                {
                    TakeQueued();
                }
            }
            catch (StreamBrokenException e) when (!e.Cause.IsFinal() && !_client.IsStopped)
            {
                CacheLog.HistoryLost(_client.Logger, _topic, e.Cause, e.Message);
                await StartOverAsync();
                await _delay.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>The next record, if one is there. What is broken shows in <see cref="WaitToReadAsync"/>.</summary>
    public bool TryRead(out KafkaRecord record)
    {
        try
        {
            while (!_hasNext && _history is not null && _history.TryRead(out var step))
            {
                TakeHistory(step);
            }
        }
        catch (StreamBrokenException e)
        {
            _broken = e;
        }

        if (!_hasNext && _history is null)
        {
            TakeQueued();
        }

        (record, var found) = (_next, _hasNext);
        (_next, _hasNext) = (default, false);
        return found;
    }

    /// <summary>Whether the feed has left a mark (<see cref="FeedQueue.Mark"/>) since this was asked last: <see cref="Position"/> is not before it then.</summary>
    public bool TakeMark()
    {
        var isMarked = _isMarked;
        _isMarked = false;
        return isMarked;
    }

    public async ValueTask DisposeAsync()
    {
        EdgeTelemetry.Subscriptions.Add(-1);
        await StartOverAsync();
        _feed.Release();
    }

    internal static async Task<Subscription> OpenAsync(
        CacheClient client, TopicName topic, KafkaProgress? from, Func<IReadOnlyList<RecordFilter>> filters, IFeedSource feed, CancellationToken cancellationToken)
    {
        var subscription = new Subscription(client, topic, from, filters, feed);
        try
        {
            for (var patience = new Patience(client); ;)
            {
                try
                {
                    await subscription.JoinAsync(cancellationToken);
                    return subscription;
                }
                catch (StreamBrokenException e) when (patience.Allows(e))
                {
                    await subscription.StartOverAsync();
                    await patience.PauseAsync(cancellationToken);
                }
            }
        }
        catch
        {
            await subscription.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a round.</summary>
    private async Task JoinAsync(CancellationToken cancellationToken)
    {
        var queue = new FeedQueue(_feed is FilteredFeed ? _filters() : [], _client.Options);
        _until = await _feed.AttachAsync(queue, cancellationToken);
        _queue = queue;
        if (_fromEnd && _position.EncodedLength == Nowhere)
        {
            _position.Raise(_until);
        }

        if (!_position.IsAt(_until))
        {
            _history = _client.OpenFetch(new FetchRequest(_topic)
            {
                From = _position.ToProgress(),
                Bound = KafkaFetch.Types.Bound.Progress,
                Until = _until,
                Filters = _filters(),
            });

            // Where the replica starts is later than asked for when retention was faster, and earlier when the topic was made anew.
            _position.Move(await _history.ReadStartAsync(_client.Deadlines, cancellationToken));
        }
        else
        {
            _position.Move(_until);
        }

        _delay.Reset();
    }

    private void TakeHistory(in FetchStep step)
    {
        switch (step.Kind)
        {
            case FetchStepKind.Record:
                _hasNext = _position.TryPass(step.Record);
                _next = step.Record;
                break;
            case FetchStepKind.Progress:
                _position.Raise(step.Progress!);
                break;
            case FetchStepKind.End:
                // All that matches below has been read, whatever the stream says of itself.
                _position.Raise(_until);
                _ = _history!.DisposeAsync().AsTask();
                _history = null;
                break;
        }
    }

    private void TakeQueued()
    {
        while (!_hasNext && _queue is not null && _queue.TryRead(out var queued))
        {
            if (queued.Mark is { } mark)
            {
                _position.Raise(mark);
                _isMarked = true;
            }
            else
            {
                _hasNext = _position.TryPass(queued.Record);
                _next = queued.Record;
            }
        }
    }

    private void Leave()
    {
        _feed.Detach(_queue!);
        _queue = null;
    }

    /// <summary>Drops whatever this round has not delivered; the next one fetches it again.</summary>
    private async ValueTask StartOverAsync()
    {
        if (_queue is not null)
        {
            Leave();
        }

        if (_history is not null)
        {
            await _history.DisposeAsync();
            _history = null;
        }
    }

    /// <summary>Length of an encoded progress without partitions: version and count.</summary>
    private const int Nowhere = 2;
}
