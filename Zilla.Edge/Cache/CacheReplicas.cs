namespace Zilla.Edge.Cache;

/// <summary>The replicas of the cache that this edge knows now: those that were named to it, and those that <see cref="ReplicaDiscovery"/> finds.</summary>
/// <param name="replicas">The ones that stay.</param>
public sealed class CacheReplicas(IEnumerable<ICacheReplica> replicas)
{
    private readonly Lock _gate = new();
    private volatile IReadOnlyList<ICacheReplica> _current = [.. replicas];

    /// <summary>A snapshot; it never changes.</summary>
    public IReadOnlyList<ICacheReplica> Current => _current;

    internal void Add(ICacheReplica replica)
    {
        lock (_gate)
        {
            _current = [.. _current, replica];
        }
    }

    internal void Remove(ICacheReplica replica)
    {
        lock (_gate)
        {
            _current = [.. _current.Where(other => other != replica)];
        }
    }
}
