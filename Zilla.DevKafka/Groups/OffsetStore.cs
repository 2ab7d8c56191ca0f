using Zilla.DevKafka.Log;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Groups;

/// <summary>
/// Committed offsets, in memory and in a compacted log of their own (folder <c>groups</c>, format: <see cref="OffsetKey"/>). Offsets that a transaction is to
/// commit lie beside them, pending, until it ends; then they take effect, or go, in one batch.
/// </summary>
internal sealed class OffsetStore : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<TopicPartition, CommittedOffset>> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<PendingOffset, CommittedOffset> _pending = [];
    private readonly StateLog _log;

    public OffsetStore(string dataFolder, LogOptions options)
    {
        _log = new StateLog(Path.Combine(dataFolder, "groups"), options);
        _log.ReadAll(Load);
    }

    public PartitionLog Log => _log.Log;

    public IReadOnlyList<string> Groups
    {
        get
        {
            lock (_gate)
            {
                return [.. _groups.Keys];
            }
        }
    }

    public CommittedOffset? Find(string group, TopicPartition partition)
    {
        lock (_gate)
        {
            return _groups.TryGetValue(group, out var offsets) ? offsets.GetValueOrDefault(partition) : null;
        }
    }

    public IReadOnlyList<KeyValuePair<TopicPartition, CommittedOffset>> All(string group)
    {
        lock (_gate)
        {
            return _groups.TryGetValue(group, out var offsets) ? [.. offsets] : [];
        }
    }

    /// <summary>Whether an open transaction may yet commit an offset of this partition for the group.</summary>
    public bool IsUnstable(string group, TopicPartition partition)
    {
        lock (_gate)
        {
            return _pending.Count > 0 && _pending.Keys.Any(p => p.Group == group && p.Partition == partition);
        }
    }

    /// <summary>Writes, then remembers. A null offset forgets the partition.</summary>
    public ErrorCode Commit(string group, IReadOnlyCollection<KeyValuePair<TopicPartition, CommittedOffset?>> offsets)
    {
        lock (_gate)
        {
            var error = _log.Append([.. offsets.Select(o => KeyValuePair.Create(OffsetKey.Of(group, o.Key), o.Value is null ? null : OffsetKey.Value(o.Value)))]);
            if (error == ErrorCode.None)
            {
                foreach (var (partition, offset) in offsets)
                {
                    Remember(group, partition, offset);
                }
            }

            return error;
        }
    }

    /// <summary>Writes offsets that take effect when the producer's transaction is committed.</summary>
    public ErrorCode AddPending(long producerId, string group, IReadOnlyCollection<KeyValuePair<TopicPartition, CommittedOffset>> offsets)
    {
        lock (_gate)
        {
            var pending = offsets.Select(o => KeyValuePair.Create(new PendingOffset(producerId, group, o.Key), o.Value)).ToList();
            var error = _log.Append(pending.ConvertAll(p => KeyValuePair.Create(OffsetKey.Of(p.Key), (byte[]?)OffsetKey.Value(p.Value))));
            if (error == ErrorCode.None)
            {
                pending.ForEach(p => _pending[p.Key] = p.Value);
            }

            return error;
        }
    }

    /// <summary>Ends the producer's transaction: its pending offsets are committed, or dropped. Nothing is left to do the second time.</summary>
    public ErrorCode EndTransaction(long producerId, bool commit)
    {
        lock (_gate)
        {
            var ended = _pending.Where(p => p.Key.ProducerId == producerId).ToList();
            var changes = ended.ConvertAll(p => KeyValuePair.Create(OffsetKey.Of(p.Key), (byte[]?)null));
            if (commit)
            {
                changes.AddRange(ended.Select(p => KeyValuePair.Create(OffsetKey.Of(p.Key.Group, p.Key.Partition), (byte[]?)OffsetKey.Value(p.Value))));
            }

            var error = _log.Append(changes);
            foreach (var (key, offset) in error == ErrorCode.None ? ended : [])
            {
                _pending.Remove(key);
                if (commit)
                {
                    Remember(key.Group, key.Partition, offset);
                }
            }

            return error;
        }
    }

    public void Forget(string group) => Commit(group, [.. All(group).Select(o => KeyValuePair.Create(o.Key, (CommittedOffset?)null))]);

    /// <summary>Forgets what any group committed, or is about to, for a topic that was deleted.</summary>
    public void ForgetTopic(string topic)
    {
        foreach (var group in Groups)
        {
            Commit(group, [.. All(group).Where(o => o.Key.Topic == topic).Select(o => KeyValuePair.Create(o.Key, (CommittedOffset?)null))]);
        }

        lock (_gate)
        {
            var gone = _pending.Keys.Where(p => p.Partition.Topic == topic).ToList();
            _log.Append(gone.ConvertAll(p => KeyValuePair.Create(OffsetKey.Of(p), (byte[]?)null)));
            gone.ForEach(p => _pending.Remove(p));
        }
    }

    public void Dispose() => _log.Dispose();

    private void Load(Record record)
    {
        if (OffsetKey.Read(record.Key ?? default) is not { } key)
        {
            return;
        }

        var offset = record.Value is { } bytes ? OffsetKey.ReadValue(bytes) : null;
        if (key.ProducerId is not { } producer)
        {
            Remember(key.Group, key.Partition, offset);
        }
        else if (offset is not null)
        {
            _pending[new(producer, key.Group, key.Partition)] = offset;
        }
        else
        {
            _pending.Remove(new(producer, key.Group, key.Partition));
        }
    }

    private void Remember(string group, TopicPartition partition, CommittedOffset? offset)
    {
        if (!_groups.TryGetValue(group, out var offsets))
        {
            _groups[group] = offsets = [];
        }

        if (offset is null)
        {
            offsets.Remove(partition);
        }
        else
        {
            offsets[partition] = offset;
        }

        if (offsets.Count == 0)
        {
            _groups.Remove(group);
        }
    }
}
