using Zilla.Edge.Cache;
using Zilla.EdgeMqtt.Sessions.Owners;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Sessions;

/// <summary>The owners among the replicas of the cache.</summary>
internal sealed class CacheOwners(OwnerFeeds feeds, CacheClient cache) : ISessionOwners
{
    public Task<SessionOwner> WaitAsync(SessionSpace space, string key, long newerThan, CancellationToken cancellationToken) =>
        feeds.Of(space).WaitForOwnerAsync(key, newerThan, cancellationToken);

    public FrameStream Open(SessionOwner owner, Begin begin) => cache.OpenAt(owner.Instance, begin);
}
