using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>Where nothing else is registered: a replica that owns partitions and serves no sessions.</summary>
internal sealed class NoSessions : IPartitionSessions
{
    public static readonly NoSessions Instance = new();

    public Task AcceptAsync(FrameStream stream, CancellationToken cancellationToken) =>
        throw new StreamBrokenException(Cause.Unavailable, "This replica serves no sessions");

    public Task ReleaseAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
