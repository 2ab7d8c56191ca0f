using System.Threading.Channels;
using Zilla.AppHost.Hosting.Model;

namespace Zilla.AppHost.Hosting.Running;

/// <summary>The state of every resource, and who wants to know of changes to it.</summary>
internal sealed class ResourceCatalog
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ResourceSnapshot> _resources = new(StringComparer.Ordinal);
    private readonly List<Channel<ResourceSnapshot>> _watchers = [];

    public void Publish(ResourceSnapshot snapshot)
    {
        lock (_gate)
        {
            _resources[snapshot.Name] = snapshot;
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite(snapshot);
            }
        }
    }

    public IReadOnlyList<ResourceSnapshot> All()
    {
        lock (_gate)
        {
            return [.. _resources.Values];
        }
    }

    /// <summary>Everything as it is now, and every change from now on until the watch is disposed.</summary>
    public ResourceWatch Watch()
    {
        var channel = Channel.CreateUnbounded<ResourceSnapshot>(new UnboundedChannelOptions { SingleReader = true });
        lock (_gate)
        {
            _watchers.Add(channel);
            return new ResourceWatch([.. _resources.Values], channel.Reader, () => Forget(channel));
        }
    }

    /// <summary>Waits until every instance of a resource is healthy.</summary>
    public async Task WaitUntilHealthyAsync(Resource resource, CancellationToken cancellationToken)
    {
        using var watch = Watch();
        while (!IsHealthy(resource))
        {
            await watch.Changes.ReadAsync(cancellationToken);
        }
    }

    private bool IsHealthy(Resource resource)
    {
        var instances = All().Where(s => s.Resource == resource).ToList();
        return instances.Count > 0 && instances.TrueForAll(s => s.IsHealthy);
    }

    private void Forget(Channel<ResourceSnapshot> channel)
    {
        lock (_gate)
        {
            _watchers.Remove(channel);
        }
    }
}

internal sealed class ResourceWatch(IReadOnlyList<ResourceSnapshot> initial, ChannelReader<ResourceSnapshot> changes, Action release) : IDisposable
{
    public IReadOnlyList<ResourceSnapshot> Initial { get; } = initial;

    public ChannelReader<ResourceSnapshot> Changes { get; } = changes;

    public void Dispose() => release();
}
