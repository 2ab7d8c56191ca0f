using System.Text;
using Zilla.Streams.Kafka;

namespace Zilla.Edge.Tests.Fakes;

/// <summary>A topic in memory, shared by any number of <see cref="FakeCache"/> replicas.</summary>
internal sealed class FakeTopic
{
    private readonly List<FakeRecord>[] _partitions;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FakeTopic(int partitions) => _partitions = [.. Enumerable.Range(0, partitions).Select(_ => new List<FakeRecord>())];

    public int Partitions => _partitions.Length;

    /// <summary>A fetch delivers only the newest record per key of what it finds when it starts.</summary>
    public bool Compacted { get; set; }

    /// <summary>Of the records appended from now on; milliseconds since the Unix epoch.</summary>
    public long Timestamp { get; set; } = 1;

    /// <summary>Completes at the next change.</summary>
    public Task Changed
    {
        get
        {
            lock (_partitions)
            {
                return _changed.Task;
            }
        }
    }

    public long Append(int partition, string? key, string? value, params (string Name, string Value)[] headers) =>
        Append(partition, key is null ? null : Encoding.UTF8.GetBytes(key), value is null ? null : Encoding.UTF8.GetBytes(value),
            [.. headers.Select(h => new RecordHeader(Encoding.UTF8.GetBytes(h.Name), Encoding.UTF8.GetBytes(h.Value)))]);

    public long Append(int partition, byte[]? key, byte[]? value, RecordHeader[] headers)
    {
        lock (_partitions)
        {
            var log = _partitions[partition];
            log.Add(new FakeRecord(partition, log.Count, key, value, headers) { Timestamp = Timestamp });
            Pulse();
            return log.Count;
        }
    }

    public IReadOnlyList<FakeRecord> Records(int partition)
    {
        lock (_partitions)
        {
            return [.. _partitions[partition]];
        }
    }

    public FakeRecord? At(int partition, long offset)
    {
        lock (_partitions)
        {
            return offset < _partitions[partition].Count ? _partitions[partition][(int)offset] : null;
        }
    }

    public long End(int partition)
    {
        lock (_partitions)
        {
            return _partitions[partition].Count;
        }
    }

    /// <summary>Has waiting streams look again.</summary>
    public void Pulse()
    {
        lock (_partitions)
        {
            _changed.TrySetResult();
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}

internal sealed record FakeRecord(int Partition, long Offset, byte[]? Key, byte[]? Value, RecordHeader[] Headers)
{
    public long Timestamp { get; init; } = 1;
    public string? KeyText => Key is null ? null : Encoding.UTF8.GetString(Key);
    public string? ValueText => Value is null ? null : Encoding.UTF8.GetString(Value);

    public KafkaRecord Decode() => KafkaRecordCodec.TryRead(Encode(), Value, out var record) ? record : throw new InvalidDataException();

    public byte[] Encode()
    {
        var head = new KafkaRecordHead { Partition = Partition, Offset = Offset, Timestamp = Timestamp, Key = Key, HasKey = Key is not null, IsTombstone = Value is null };
        return KafkaRecordCodec.Encode(head, Headers);
    }
}
