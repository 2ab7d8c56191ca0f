using Zilla.KafkaCache.Cache.Partitions;

namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>What was committed to a partition and has not come back from Kafka yet: it is shown in place of what the cache holds.</summary>
internal sealed class RecentWrites(PartitionLog log, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<byte[], (StoredRecord? Record, long Offset)> _latest = new(KeyComparer.Instance);
    private readonly Queue<(byte[] Key, long Offset)> _order = [];

    /// <summary>How many keys it shows.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                Settle();
                return _latest.Count;
            }
        }
    }

    /// <summary>Takes a record that is committed.</summary>
    public void Add(TransactionRecord record, long offset)
    {
        if (record.Key is not { } key)
        {
            return;
        }

        lock (_gate)
        {
            Settle();
            var timestamp = record.Timestamp > 0 ? record.Timestamp : time.GetUtcNow().ToUnixTimeMilliseconds();
            _latest[key] = (record.Value is { } value ? new(key, value, record.Headers, timestamp) : null, offset);
            _order.Enqueue((key, offset));
        }
    }

    /// <summary>True: this is the latest of the key, null where it is a tombstone. False: it is what the cache holds.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out StoredRecord? record)
    {
        lock (_gate)
        {
            Settle();
            var found = _latest.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var latest);
            record = latest.Record;
            return found;
        }
    }

    /// <summary>All of them as of now, tombstones as null.</summary>
    public Dictionary<byte[], StoredRecord?> Snapshot()
    {
        lock (_gate)
        {
            Settle();
            return _latest.ToDictionary(latest => latest.Key, latest => latest.Value.Record, KeyComparer.Instance);
        }
    }

    /// <summary>Forgets what the cache has by now.</summary>
    private void Settle()
    {
        while (_order.TryPeek(out var oldest) && oldest.Offset < log.NextOffset)
        {
            _order.Dequeue();
            if (_latest.TryGetValue(oldest.Key, out var latest) && latest.Offset == oldest.Offset)
            {
                _latest.Remove(oldest.Key);
            }
        }
    }
}
