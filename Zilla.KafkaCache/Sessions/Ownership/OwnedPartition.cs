using System.Runtime.CompilerServices;
using System.Text;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>A partition of a sessions topic that was claimed: written through a transactional producer that nobody has fenced, read from the cache.</summary>
internal sealed class OwnedPartition : IOwnedPartition
{
    private readonly GroupCommitter _committer;
    private readonly RecentWrites _recent;
    private readonly StoredRecords _stored;
    private readonly CancellationTokenSource _lost = new();

    /// <param name="topic">The sessions topic.</param>
    /// <param name="claim">What the partition was claimed with.</param>
    /// <param name="epoch">The claim's offset.</param>
    /// <param name="committer">Its end is the partition's end.</param>
    /// <param name="recent">What the committer has written.</param>
    /// <param name="stored">The partition.</param>
    public OwnedPartition(string topic, Zilla.Streams.Mqtt.OwnerClaim claim, long epoch, GroupCommitter committer, RecentWrites recent, StoredRecords stored)
    {
        (Topic, Partition, Partitions, Epoch) = (topic, claim.Partition, claim.Partitions, epoch);
        (_committer, _recent, _stored) = (committer, recent, stored);
    }

    public string Topic { get; }
    public int Partition { get; }
    public int Partitions { get; }
    public long Epoch { get; }
    public CancellationToken Lost => _lost.Token;

    public Task CommitAsync(IReadOnlyList<TransactionRecord> records, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(records.Count, nameof(records));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(records.Count, TransactionRecord.MostPerCommit, nameof(records));
        return _committer.Add(records).Done.WaitAsync(cancellationToken);
    }

    public ValueTask<StoredRecord?> GetAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        ThrowIfLost();
        return _recent.TryGet(key.Span, out var recent) ? new(recent) : _stored.GetAsync(key, cancellationToken);
    }

    public async IAsyncEnumerable<StoredRecord> ScanAsync(string type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ThrowIfLost();

        // The recent ones first: what leaves them meanwhile is in the cache.
        var recent = _recent.Snapshot();
        var wanted = Encoding.UTF8.GetBytes(type);
        foreach (var record in recent.Values)
        {
            if (record is not null && record.Headers.Any(header => header.Key == "type" && header.Value is { } value && value.AsSpan().SequenceEqual(wanted)))
            {
                yield return record;
            }
        }

        await foreach (var record in _stored.ScanAsync("type", type, cancellationToken))
        {
            if (!recent.ContainsKey(record.Key))
            {
                yield return record;
            }
        }
    }

    /// <summary>Ends it: nobody writes through it any more.</summary>
    public void Lose()
    {
        _committer.Dispose();
        _lost.Cancel();
    }

    private void ThrowIfLost()
    {
        if (_lost.IsCancellationRequested)
        {
            throw new StreamBrokenException(Cause.NotOwner, $"{Topic}/{Partition} was lost");
        }
    }
}
