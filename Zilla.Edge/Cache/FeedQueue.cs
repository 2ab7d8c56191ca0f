using System.Threading.Channels;
using Zilla.Streams;
using Zilla.Streams.Kafka;

namespace Zilla.Edge.Cache;

/// <summary>
/// What a live feed has put aside for one subscriber, within bounds. When the bounds are exceeded the queue ends: what it holds is still read,
/// the rest the subscriber gets from history. Written by the feed alone, read by the subscriber alone.
/// </summary>
public sealed class FeedQueue
{
    private readonly Channel<FeedRecord> _records;
    private readonly int _maxBytes;
    private int _bytes;

    internal FeedQueue(IReadOnlyList<RecordFilter> filters, CacheOptions options)
    {
        Filters = filters;
        _records = Channel.CreateBounded<FeedRecord>(new BoundedChannelOptions(options.QueueRecords) { SingleReader = true, SingleWriter = true });
        _maxBytes = options.QueueBytes;
    }

    /// <summary>Nothing waits, and the queue has not ended.</summary>
    public bool IsIdle => _records.Reader.Count == 0 && !_records.Reader.Completion.IsCompleted;

    /// <summary>None: every record. For the index of filters.</summary>
    internal IReadOnlyList<RecordFilter> Filters { get; }

    /// <summary>The feed's number of the last record offered, so that one that several filters match is offered once. The feed's.</summary>
    internal long LastOffered { get; set; }

    /// <summary>False: the bounds are exceeded and the queue has ended.</summary>
    public bool Offer(FeedRecord record)
    {
        var bytes = Interlocked.Add(ref _bytes, record.Bytes);
        if ((bytes <= _maxBytes || bytes == record.Bytes) && _records.Writer.TryWrite(record))
        {
            return true;
        }

        _records.Writer.TryComplete();
        return false;
    }

    /// <summary>
    /// Has the subscriber know how far the feed has come though nothing was for it (<see cref="Subscription.TakeMark"/>), unless it has something to read anyway. Called between two
    /// records of the feed.
    /// </summary>
    public void Mark(KafkaProgress position)
    {
        if (IsIdle)
        {
            _records.Writer.TryWrite(new FeedRecord(default) { Mark = position });
        }
    }

    /// <summary>Ends the queue for good: its reader gets <paramref name="error"/> after what is queued.</summary>
    public void Fail(StreamBrokenException error) => _records.Writer.TryComplete(error);

    /// <summary>False: the queue has ended and is empty.</summary>
    /// <exception cref="StreamBrokenException">The feed has failed.</exception>
    internal ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken) => _records.Reader.WaitToReadAsync(cancellationToken);

    internal bool TryRead(out FeedRecord record)
    {
        if (!_records.Reader.TryRead(out record!))
        {
            return false;
        }

        Interlocked.Add(ref _bytes, -record.Bytes);
        return true;
    }
}
