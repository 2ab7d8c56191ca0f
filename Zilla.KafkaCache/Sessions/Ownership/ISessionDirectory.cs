using Zilla.KafkaCache.Cache.Topics;

namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>
/// Who owns which partition of one sessions topic, and with it the sessions of its client ids. Knows nothing of what is done with them: whatever gives each
/// partition one owner at a time, and tells an old one from a new one by a number that grows, can stand behind it.
/// </summary>
internal interface ISessionDirectory
{
    /// <summary>The topic.</summary>
    string Topic { get; }

    /// <summary>How many partitions keys are spread over; 0 while that is not known.</summary>
    int Partitions { get; }

    /// <summary>Why no session can be served, e.g. CAUSE_MISCONFIGURED; null when nothing is wrong.</summary>
    TopicProblem? Problem { get; }

    /// <summary>The owner of a partition, this replica or another, as far as is known here; null when there is none yet.</summary>
    SessionOwner? OwnerOf(int partition);

    /// <summary>What this replica has of a partition that it owns; null when it does not.</summary>
    OwnedSessions? Find(int partition);

    /// <summary>
    /// Completes when this replica is not about to come to own a partition: as soon as a claim can be read anywhere its owner may be asked, a moment before the owner
    /// has heard of it itself.
    /// </summary>
    Task SettledAsync(int partition);
}

/// <summary>Who owns a partition.</summary>
/// <param name="Instance">The name of the replica's process, as it says HELLO.</param>
/// <param name="Epoch">Grows with every owner of the partition.</param>
/// <param name="Partitions">How many partitions keys are spread over.</param>
internal sealed record SessionOwner(string Instance, long Epoch, int Partitions);

/// <summary>A partition that this replica owns, and its sessions.</summary>
internal sealed record OwnedSessions(IOwnedPartition Partition, IPartitionSessions Sessions);
