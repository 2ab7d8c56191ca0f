using Zilla.Edge.Cache;

namespace Zilla.EdgeMqtt.Sessions.Owners;

/// <summary>The feeds of all spaces that were asked for; each lives until its space is let go of.</summary>
internal sealed class OwnerFeeds(CacheClient cache, TimeProvider time, ILogger<OwnerFeeds> logger) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SessionSpace, OwnerFeed> _feeds = [];

    public OwnerFeed Of(SessionSpace space)
    {
        lock (_gate)
        {
            if (!_feeds.TryGetValue(space, out var feed))
            {
                _feeds.Add(space, feed = new(cache, space, time, logger));
            }

            return feed;
        }
    }

    /// <summary>Lets go of spaces that the configuration has no longer.</summary>
    public async Task KeepOnlyAsync(IReadOnlyCollection<SessionSpace> spaces)
    {
        OwnerFeed[] gone;
        lock (_gate)
        {
            gone = [.. _feeds.Where(feed => !spaces.Contains(feed.Key)).Select(feed => feed.Value)];
            foreach (var space in _feeds.Keys.Where(space => !spaces.Contains(space)).ToArray())
            {
                _feeds.Remove(space);
            }
        }

        await Task.WhenAll(gone.Select(feed => feed.DisposeAsync().AsTask()));
    }

    public async ValueTask DisposeAsync() => await KeepOnlyAsync([]);
}
