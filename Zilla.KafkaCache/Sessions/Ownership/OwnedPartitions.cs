using System.Collections.Concurrent;

namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>The partitions of one sessions topic that the group assigns to this replica.</summary>
/// <param name="topic">The sessions topic.</param>
/// <param name="factory">Makes the sessions of a partition.</param>
/// <param name="parts">What they need of the cluster.</param>
internal sealed class OwnedPartitions(SessionsTopic topic, PartitionSessionsFactory factory, OwnershipParts parts) : IPartitionHolder
{
    private readonly ConcurrentDictionary<int, PartitionOwnership> _partitions = [];
    private readonly ConcurrentDictionary<int, SessionOwner> _owners = [];

    public SessionsTopic Topic => topic;

    /// <summary>How many are owned, not only assigned.</summary>
    public int Count => _partitions.Values.Count(partition => partition.Current is not null);

    public OwnedSessions? Find(int partition) => _partitions.GetValueOrDefault(partition)?.Current;

    public Task SettledAsync(int partition) => _partitions.GetValueOrDefault(partition)?.Settled ?? Task.CompletedTask;

    public SessionOwner? OwnerOf(int partition) => _owners.GetValueOrDefault(partition);

    /// <summary>Takes a claim, of whomever.</summary>
    public void Claimed(int partition, SessionOwner owner)
    {
        var latest = _owners.AddOrUpdate(partition, owner, (_, known) => known.Epoch < owner.Epoch ? owner : known);
        _partitions.GetValueOrDefault(partition)?.Supersede(latest);
    }

    public void Take(IReadOnlyList<int> partitions)
    {
        // Partitions that were added later have no keys: see the directory.
        foreach (var partition in partitions.Where(partition => partition < topic.Partitions))
        {
            _partitions[partition] = new(topic, partition, factory, parts);
        }
    }

    public void Release(IReadOnlyList<int> partitions)
    {
        using var deadline = new CancellationTokenSource(parts.Options.SessionRelease, parts.Time);
        Task.WhenAll(Remove(partitions).Select(partition => partition.ReleaseAsync(deadline.Token))).GetAwaiter().GetResult();
    }

    public void Discard(IReadOnlyList<int> partitions)
    {
        foreach (var partition in Remove(partitions))
        {
            partition.Discard();
        }
    }

    private List<PartitionOwnership> Remove(IReadOnlyList<int> partitions)
    {
        var removed = new List<PartitionOwnership>();
        foreach (var partition in partitions)
        {
            if (_partitions.TryRemove(partition, out var ownership))
            {
                removed.Add(ownership);
            }
        }

        return removed;
    }
}
