using Confluent.Kafka;
using Zilla.KafkaCache.Cache.Partitions;
using Zilla.KafkaCache.Clusters;

namespace Zilla.KafkaCache.Fetch;

/// <summary>
/// Gives one cursor the records that it needs next and that are in Kafka but not held here, up to where they are held again. Of a compacted
/// topic's history only the latest record per key is given: what lies before is read once to learn which these are, and again to give them.
/// </summary>
internal sealed class ReadThrough(PartitionCursor cursor, RecordFilters filters, HistoryReaders readers, string topic) : IDisposable
{
    private LatestOfHistory? _latest;
    private long _end = -1;

    /// <summary>The next batch below <paramref name="limit"/>; the cursor moves past it as its records are taken from <see cref="Matches"/>.</summary>
    /// <exception cref="KafkaException">No broker answered, or Kafka refused; or there is no memory for it.</exception>
    public async Task<HistoryBatch> NextAsync(long limit, CancellationToken cancellationToken)
    {
        if (cursor.Position >= _end)
        {
            await BeginAsync(limit, cancellationToken);
        }

        return cursor.Position >= _end ? new(new(cursor.Position, 0, 0, indexed: false), cursor.Position, null)
            : await readers.ReadAsync(Place(cursor.Position), _end, cancellationToken);
    }

    /// <summary>Whether a record of a batch is for the reader.</summary>
    public bool Matches(in CachedRecord record) => _latest?.IsLatest(record) != false && filters.Matches(record);

    /// <summary>Lets go of what it knows of the history, if that is over.</summary>
    public void Settle()
    {
        if (cursor.Position >= _end)
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        _latest?.Dispose();
        _latest = null;
    }

    private async Task BeginAsync(long limit, CancellationToken cancellationToken)
    {
        var (log, history, position) = (cursor.Log, cursor.HistoryEnd, cursor.Position);
        while (true)
        {
            // The segments before the start: what is dropped in between is then in both, not in neither.
            var segments = log.Segments;
            _end = Math.Min(log.StartOffset, limit);
            Dispose();
            if (!log.Policy.Compact || position >= history)
            {
                return;
            }

            _end = Math.Min(_end, history);
            _latest = new(log, filters, history, bytes => readers.ReserveAsync(Place(position), bytes, cancellationToken));
            if (await _latest.TryLearnAsync(segments))
            {
                break;
            }
        }

        if (_latest.HasAllKeysSought)
        {
            cursor.PassTo(_end); // all that is sought has its latest record where it is held
            return;
        }

        // A tombstone that was expired here may still be needed: Kafka has it for as long as it has what it deletes.
        var known = Math.Min(history, Math.Max(_end, log.ExpiredThrough + 1));
        while (position < known)
        {
            using var batch = await readers.ReadAsync(Place(position), known, cancellationToken);
            await _latest.LearnAsync(batch.Segment);
            position = batch.Next;
        }
    }

    private TopicPartitionOffset Place(long offset) => new(topic, cursor.Log.Partition, offset);
}
