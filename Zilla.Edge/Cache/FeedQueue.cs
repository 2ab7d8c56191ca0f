using System.Threading.Channels;
using Zilla.Streams;

namespace Zilla.Edge.Cache;

/// <summary>
/// What a live feed has put aside for one subscriber, within bounds. When the bounds are exceeded the queue ends: what it holds is still read,
/// the rest the subscriber gets from history. Written by the feed alone, read by the subscriber alone.
/// </summary>
internal sealed class FeedQueue(IReadOnlyList<RecordFilter> filters, CacheOptions options)
{
    private readonly Channel<FeedRecord> _records = Channel.CreateBounded<FeedRecord>(new BoundedChannelOptions(options.QueueRecords) { SingleReader = true, SingleWriter = true });
    private readonly int _maxBytes = options.QueueBytes;
    private int _bytes;

    /// <summary>None: every record.</summary>
    public IReadOnlyList<RecordFilter> Filters { get; } = filters;

    /// <summary>The feed's number of the last record offered, so that one that several filters match is offered once. The feed's.</summary>
    public long LastOffered { get; set; }

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

    /// <summary>Ends the queue for good: its reader gets <paramref name="error"/> after what is queued.</summary>
    public void Fail(StreamBrokenException error) => _records.Writer.TryComplete(error);

    /// <summary>False: the queue has ended and is empty.</summary>
    /// <exception cref="StreamBrokenException">The feed has failed.</exception>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken) => _records.Reader.WaitToReadAsync(cancellationToken);

    public bool TryRead(out FeedRecord record)
    {
        if (!_records.Reader.TryRead(out record!))
        {
            return false;
        }

        Interlocked.Add(ref _bytes, -record.Bytes);
        return true;
    }
}
