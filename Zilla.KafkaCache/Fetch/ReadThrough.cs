using System.Security.Cryptography;
using Confluent.Kafka;
using Zilla.KafkaCache.Cache.Partitions;
using Zilla.KafkaCache.Cache.Segments;
using Zilla.KafkaCache.Clusters;

namespace Zilla.KafkaCache.Fetch;

/// <summary>
/// Gives one cursor the records that it needs next and that are in Kafka but not held here, up to where they are held again. Of a compacted
/// topic's history only the latest record per key is given: what lies before is read once to learn which these are, and again to give them.
/// </summary>
internal sealed class ReadThrough(PartitionCursor cursor, RecordFilters filters, HistoryReaders readers, string topic)
{
    // By digests of keys, so that what is kept of a key is bounded.
    private Dictionary<UInt128, long>? _latest;
    private long _end = -1;

    /// <summary>The next batch below <paramref name="limit"/>; the cursor moves past it as its records are taken from <see cref="Matches"/>.</summary>
    /// <exception cref="KafkaException">No broker answered, or Kafka refused.</exception>
    public async Task<HistoryBatch> NextAsync(long limit, CancellationToken cancellationToken)
    {
        if (cursor.Position >= _end)
        {
            await BeginAsync(limit, cancellationToken);
        }

        return cursor.Position >= _end ? new(new(cursor.Position, 1, 0), cursor.Position)
            : await readers.ReadAsync(Place(cursor.Position), _end, cancellationToken);
    }

    /// <summary>Whether a record of a batch is for the reader.</summary>
    public bool Matches(in CachedRecord record) =>
        (_latest is null || !record.HasKey || !_latest.TryGetValue(Digest(record.Key), out var latest) || latest <= record.Offset) && filters.Matches(record);

    private async Task BeginAsync(long limit, CancellationToken cancellationToken)
    {
        // The segments before the start: what is dropped in between is then in both, not in neither.
        var (log, segments) = (cursor.Log, cursor.Log.Segments);
        var (history, position) = (cursor.HistoryEnd, cursor.Position);
        _end = Math.Min(log.StartOffset, limit);
        _latest = null;
        if (!log.Policy.Compact || position >= history)
        {
            return;
        }

        _end = Math.Min(_end, history);
        _latest = [];
        foreach (var segment in segments)
        {
            LearnFrom(segment, history);
        }

        if (filters.Keys?.All(key => _latest.ContainsKey(Digest(key))) == true)
        {
            cursor.PassTo(_end); // all that is sought has its latest record where it is held
            return;
        }

        // A tombstone that was expired here may still be needed: Kafka has it for as long as it has what it deletes.
        var known = Math.Min(history, Math.Max(_end, log.ExpiredThrough + 1));
        while (position < known)
        {
            var batch = await readers.ReadAsync(Place(position), known, cancellationToken);
            LearnFrom(batch.Segment, history);
            position = batch.Next;
        }
    }

    private void LearnFrom(Segment segment, long history)
    {
        for (var index = 0; index < segment.Count && segment[index].Offset < history; index++)
        {
            var entry = segment[index];
            if (entry.KeyLength >= 0 && filters.MayHaveKey(entry.KeyHash))
            {
                var digest = Digest(segment.KeyOf(entry));
                _latest![digest] = Math.Max(entry.Offset, _latest.GetValueOrDefault(digest));
            }
        }
    }

    private TopicPartitionOffset Place(long offset) => new(topic, cursor.Log.Partition, offset);

    private static UInt128 Digest(ReadOnlySpan<byte> key)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, digest);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }
}
