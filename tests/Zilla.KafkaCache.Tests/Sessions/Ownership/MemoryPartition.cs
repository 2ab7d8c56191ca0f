using System.Runtime.CompilerServices;
using System.Text;
using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Tests.Sessions.Ownership;

/// <summary>
/// An owned partition without Kafka: each commit is a transaction of its own, kept in <see cref="Commits"/>. A test can hold commits back, have the next one
/// fail, and take the partition away. What was committed survives in <see cref="Next"/>, the same partition at its next owner.
/// </summary>
internal sealed class MemoryPartition : IOwnedPartition, IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly Dictionary<string, StoredRecord> _latest = new(StringComparer.Ordinal);
    private readonly List<IReadOnlyList<TransactionRecord>> _commits = [];
    private readonly TimeProvider _time;
    private readonly Queue<(IReadOnlyList<TransactionRecord> Records, TaskCompletionSource Done)> _held = [];
    private StreamBrokenException? _failure;
    private bool _holding;

    public MemoryPartition(string topic = "mqtt-sessions", int partition = 0, int partitions = 1, long epoch = 1, TimeProvider? time = null) =>
        (Topic, Partition, Partitions, Epoch, _time) = (topic, partition, partitions, epoch, time ?? TimeProvider.System);

    public string Topic { get; }
    public int Partition { get; }
    public int Partitions { get; }
    public long Epoch { get; }
    public CancellationToken Lost => _lost.Token;

    /// <summary>What was committed, a transaction each.</summary>
    public IReadOnlyList<IReadOnlyList<TransactionRecord>> Commits
    {
        get
        {
            lock (_gate)
            {
                return [.. _commits];
            }
        }
    }

    /// <summary>Keys that have a record, tombstones left out.</summary>
    public IReadOnlyList<string> Keys
    {
        get
        {
            lock (_gate)
            {
                return [.. _latest.Keys];
            }
        }
    }

    /// <summary>Commits that wait since <see cref="Hold"/>.</summary>
    public int Held
    {
        get
        {
            lock (_gate)
            {
                return _held.Count;
            }
        }
    }

    public Task CommitAsync(IReadOnlyList<TransactionRecord> records, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_lost.IsCancellationRequested)
            {
                throw NotOwner();
            }

            if (_failure is { } failure)
            {
                _failure = null;
                throw failure;
            }

            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _held.Enqueue((records, done));
            if (!_holding)
            {
                WriteHeld();
            }

            return done.Task.WaitAsync(cancellationToken);
        }
    }

    public ValueTask<StoredRecord?> GetAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(_latest.GetValueOrDefault(Text(key.Span)));
        }
    }

    public async IAsyncEnumerable<StoredRecord> ScanAsync(string type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        StoredRecord[] found;
        lock (_gate)
        {
            found = [.. _latest.Values.Where(record => record.Headers.Any(header => header.Key == "type" && header.Value is { } value && Text(value) == type))];
        }

        foreach (var record in found)
        {
            await Task.Yield();
            yield return record;
        }
    }

    /// <summary>From now on commits wait.</summary>
    public void Hold()
    {
        lock (_gate)
        {
            _holding = true;
        }
    }

    /// <summary>The next commit fails, nothing being written.</summary>
    public void FailNext(StreamBrokenException failure)
    {
        lock (_gate)
        {
            _failure = failure;
        }
    }

    /// <summary>Puts a record there as a predecessor, or a foreign program, has left it.</summary>
    public void Put(string key, byte[] value, params (string Name, string Value)[] headers)
    {
        lock (_gate)
        {
            _latest[key] = new(Encoding.UTF8.GetBytes(key), value, [.. headers.Select(header => KeyValuePair.Create(header.Name, (byte[]?)Encoding.UTF8.GetBytes(header.Value)))], Now());
        }
    }

    /// <summary>Takes the partition away: commits that are held were never written.</summary>
    public void Lose()
    {
        lock (_gate)
        {
            while (_held.TryDequeue(out var commit))
            {
                commit.Done.SetException(NotOwner());
            }
        }

        _lost.Cancel();
    }

    /// <summary>Takes it away and gives it to its next owner.</summary>
    public MemoryPartition Next()
    {
        Lose();
        var next = new MemoryPartition(Topic, Partition, Partitions, Epoch + 1, _time);
        lock (_gate)
        {
            // A commit that was let in before the loss may be writing still.
            foreach (var (key, record) in _latest)
            {
                next._latest.Add(key, record);
            }
        }

        return next;
    }

    public void Dispose() => _lost.Dispose();

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private static StreamBrokenException NotOwner() => new(Cause.NotOwner, "The partition was lost");

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private void WriteHeld()
    {
        while (_held.TryDequeue(out var commit))
        {
            _commits.Add(commit.Records);
            foreach (var record in commit.Records.Where(record => record.Topic == Topic && record.Key is not null))
            {
                Assert.Equal(Partition, record.Partition ?? Zilla.Streams.Kafka.Murmur2.Partition(record.PartitionKey ?? record.Key, Partitions));
                if (record.Value is null)
                {
                    _latest.Remove(Text(record.Key));
                }
                else
                {
                    _latest[Text(record.Key!)] = new(record.Key!, record.Value, record.Headers, record.Timestamp > 0 ? record.Timestamp : Now());
                }
            }

            commit.Done.SetResult();
        }
    }
}
