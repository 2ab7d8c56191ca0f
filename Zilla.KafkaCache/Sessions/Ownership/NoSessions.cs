using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>Where nothing else is registered: a replica that owns partitions and serves no sessions.</summary>
internal sealed class NoSessions : IPartitionSessions
{
    public static readonly PartitionSessionsFactory Factory = (_, _, _) => new NoSessions();

    public Task AcceptAsync(FrameStream stream, CancellationToken cancellationToken) =>
        throw new StreamBrokenException(Cause.Unavailable, "This replica serves no sessions");

    public Task ReleaseAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
