using System.Runtime.CompilerServices;
using System.Text;
using Confluent.Kafka;
using Google.Protobuf;
using Zilla.KafkaCache.Cache.Partitions;
using Zilla.KafkaCache.Clusters;
using Zilla.KafkaCache.Fetch;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>Reads the latest records of one partition of a compacted topic: from memory, from disk, or from Kafka where they are not held.</summary>
internal sealed class StoredRecords(PartitionLog log, string topic, HistoryReaders history, CacheOptions options, TimeProvider time)
{
    /// <summary>The latest record of a key; null when there is none, or a tombstone.</summary>
    public async ValueTask<StoredRecord?> GetAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        StoredRecord? latest = null;
        await foreach (var found in ReadAsync(log.EarliestOffset, new([new KafkaFilter { Key = UnsafeByteOperations.UnsafeWrap(key) }]), cancellationToken))
        {
            latest = found.Record;
        }

        return latest;
    }

    /// <summary>The latest record of each key that has a header of this value.</summary>
    public async IAsyncEnumerable<StoredRecord> ScanAsync(string header, string value, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var filter = new KafkaFilter { Headers = { new KafkaHeader { Name = header, Value = ByteString.CopyFromUtf8(value) } } };
        await foreach (var found in ReadAsync(log.EarliestOffset, new([filter]), cancellationToken))
        {
            if (found.Record is { } stored)
            {
                yield return stored;
            }
        }
    }

    /// <summary>The latest record of each key from an offset on, with its offset; tombstones left out.</summary>
    public async IAsyncEnumerable<(StoredRecord Record, long Offset)> ReadFromAsync(long offset, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var found in ReadAsync(Math.Max(offset, log.EarliestOffset), RecordFilters.All, cancellationToken))
        {
            if (found.Record is { } stored)
            {
                yield return (stored, found.Offset);
            }
        }
    }

    private async IAsyncEnumerable<Found> ReadAsync(long from, RecordFilters filters, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var cursor = new PartitionCursor(log, from, filters);
        using var readThrough = new ReadThrough(cursor, filters, history, topic);
        while (cursor.Position < cursor.HistoryEnd)
        {
            if (cursor.TryRead(cursor.HistoryEnd, out var record))
            {
                yield return Found.Of(record);
            }
            else if (cursor.NeedsRoom)
            {
                await WaitForRoomAsync(cursor, cancellationToken);
            }
            else if (cursor.NeedsKafka)
            {
                foreach (var found in await ReadFromKafkaAsync(cursor, readThrough, cancellationToken))
                {
                    yield return found;
                }
            }
            else if (cursor.Position < cursor.HistoryEnd)
            {
                // Compaction has moved the end beyond what has come so far.
                await Task.Delay(TimeSpan.FromMilliseconds(10), time, cancellationToken);
            }
        }
    }

    private async Task<List<Found>> ReadFromKafkaAsync(PartitionCursor cursor, ReadThrough readThrough, CancellationToken cancellationToken)
    {
        try
        {
            using var batch = await readThrough.NextAsync(cursor.HistoryEnd, cancellationToken);
            var found = new List<Found>();
            for (var index = 0; index < batch.Segment.Count; index++)
            {
                var entry = batch.Segment[index];
                if (batch.Segment.TryGet(entry, out var bytes) && new CachedRecord(bytes, entry) is var record && readThrough.Matches(record))
                {
                    found.Add(Found.Of(record));
                }
            }

            cursor.PassTo(batch.Next);
            readThrough.Settle();
            return found;
        }
        catch (KafkaException problem)
        {
            throw KafkaCauses.ToBroken(problem.Error, options.RetryAfter);
        }
    }

    private async Task WaitForRoomAsync(PartitionCursor cursor, CancellationToken cancellationToken)
    {
        if (!await log.Budget.TryReserveAsync(cursor.NeededRoom, options.ProgressTimeout, time, cancellationToken))
        {
            throw new StreamBrokenException(Cause.Overloaded, $"The memory budget has no {cursor.NeededRoom} bytes for reading from disk", options.RetryAfter);
        }

        log.Budget.Release(cursor.NeededRoom);
    }

    /// <summary>A record, copied; null: a tombstone.</summary>
    private readonly record struct Found(StoredRecord? Record, long Offset)
    {
        public static Found Of(in CachedRecord record)
        {
            if (record.Tombstone || !KafkaRecordCodec.TryRead(record.Extension, default, out var head))
            {
                return new(null, record.Offset);
            }

            var headers = new List<KeyValuePair<string, byte[]?>>();
            foreach (var header in head.Headers)
            {
                headers.Add(KeyValuePair.Create(Encoding.UTF8.GetString(header.Name.Span), header.HasValue ? header.Value.ToArray() : null));
            }

            return new(new StoredRecord(record.Key.ToArray(), record.Value.ToArray(), headers, head.Timestamp), record.Offset);
        }
    }
}
