using Zilla.DevKafka.Log;
using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Groups;

/// <summary>
/// Committed offsets, in memory and in a compacted log of their own (folder <c>groups</c>). One commit is one batch, so it is whole or absent.
/// <code>
/// key:   format: int16 = 0 | group | topic | partition: int32
/// value: offset: int64 | leader epoch: int32 | metadata | committed at: int64 (ms); none = forgotten
/// </code>
/// </summary>
internal sealed class OffsetStore : IDisposable
{
    private const short Format = 0;

    private static readonly TopicConfig Config = new(new Dictionary<string, string>
    {
        [TopicConfigKeys.CleanupPolicy] = "compact",
        [TopicConfigKeys.SegmentBytes] = "16777216",
        [TopicConfigKeys.MaxMessageBytes] = "268435456",
    });

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<TopicPartition, CommittedOffset>> _groups = new(StringComparer.Ordinal);
    private readonly LogOptions _options;

    public OffsetStore(string dataFolder, LogOptions options)
    {
        _options = options;
        Log = PartitionLog.Open(Path.Combine(dataFolder, "groups"), Config, options);
        Load();
    }

    public PartitionLog Log { get; }

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

    /// <summary>Writes, then remembers. A null offset forgets the partition.</summary>
    public ErrorCode Commit(string group, IReadOnlyCollection<KeyValuePair<TopicPartition, CommittedOffset?>> offsets)
    {
        if (offsets.Count == 0)
        {
            return ErrorCode.None;
        }

        lock (_gate)
        {
            var builder = new BatchBuilder();
            foreach (var (partition, offset) in offsets)
            {
                builder.Add(new Record(builder.Count, 0, Key(group, partition), offset is null ? default(ReadOnlyMemory<byte>?) : Value(offset), default));
            }

            var now = _options.Now;
            var result = Log.Append(builder.Build(new BatchHeader
            {
                LastOffsetDelta = offsets.Count - 1,
                BaseTimestamp = now,
                MaxTimestamp = now,
                ProducerId = BatchHeader.NoProducer,
                ProducerEpoch = -1,
                BaseSequence = -1,
            }));
            if (result.Error != ErrorCode.None)
            {
                return result.Error;
            }

            foreach (var (partition, offset) in offsets)
            {
                Remember(group, partition, offset);
            }

            return ErrorCode.None;
        }
    }

    public void Forget(string group) => Commit(group, [.. All(group).Select(o => KeyValuePair.Create(o.Key, (CommittedOffset?)null))]);

    public void Dispose() => Log.Dispose();

    private void Load()
    {
        for (var offset = Log.StartOffset; ;)
        {
            using var slice = Log.Read(offset, 1 << 20, atLeastOne: true);
            if (slice is not { Length: > 0 })
            {
                return;
            }

            for (var rest = slice.Bytes; BatchHeader.TryRead(rest.Span, out var header) == BatchResult.Batch; rest = rest[header.Size..])
            {
                var reader = new RecordReader(rest[BatchHeader.Length..header.Size]);
                while (reader.TryRead(out var record))
                {
                    Load(record);
                }

                offset = header.NextOffset;
            }
        }
    }

    private void Load(in Record record)
    {
        var key = new WireReader(record.Key ?? default);
        if (key.Int16() != Format)
        {
            return;
        }

        var (group, partition) = (key.String(), new TopicPartition(key.String(), key.Int32()));
        CommittedOffset? offset = null;
        if (record.Value is { } bytes)
        {
            var value = new WireReader(bytes);
            offset = new(value.Int64(), value.Int32(), value.String(), value.Int64());
        }

        Remember(group, partition, offset);
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

    private static byte[] Key(string group, TopicPartition partition)
    {
        using var writer = new WireWriter();
        writer.Int16(Format);
        writer.String(group);
        writer.String(partition.Topic);
        writer.Int32(partition.Partition);
        return writer.Written.ToArray();
    }

    private static byte[] Value(CommittedOffset offset)
    {
        using var writer = new WireWriter();
        writer.Int64(offset.Offset);
        writer.Int32(offset.LeaderEpoch);
        writer.String(offset.Metadata);
        writer.Int64(offset.CommittedAt);
        return writer.Written.ToArray();
    }
}
