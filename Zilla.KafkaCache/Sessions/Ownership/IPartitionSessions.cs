using Zilla.Config.Plans;
using Zilla.KafkaCache.Clusters;
using Zilla.Streams;

namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>The sessions and shares of one partition, for as long as this replica owns it; made when that begins, see <see cref="PartitionSessionsFactory"/>.</summary>
internal interface IPartitionSessions
{
    /// <summary>Serves a stream whose BEGIN has an MqttBeginEx; that it is for this partition and its epoch has been seen to. The stream lives at most as long as the task.</summary>
    /// <param name="stream">Not accepted yet.</param>
    /// <param name="cancellationToken">The stream is broken. When the partition is lost, its sessions have to tell the opener so themselves: CAUSE_NOT_OWNER.</param>
    Task AcceptAsync(FrameStream stream, CancellationToken cancellationToken);

    /// <summary>
    /// The partition is about to be another's: ends the streams, writes what is still to be written. After it, or when its time is up, nothing can be written any more.
    /// Not called when the partition is lost without notice.
    /// </summary>
    /// <param name="cancellationToken">Its time is up.</param>
    Task ReleaseAsync(CancellationToken cancellationToken);
}

/// <summary>Makes the sessions of a partition that this replica has just come to own; what it starts ends with <see cref="IOwnedPartition.Lost"/>.</summary>
/// <param name="partition">Can be read and written.</param>
/// <param name="plan">Of the mqtt-kafka binding.</param>
/// <param name="cluster">For what is to be read of other topics.</param>
internal delegate IPartitionSessions PartitionSessionsFactory(IOwnedPartition partition, SessionsPlan plan, Cluster cluster);
