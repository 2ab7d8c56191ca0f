using System.Collections.Concurrent;
using Zilla.Config.Plans;

namespace Zilla.KafkaCache.Clusters;

/// <summary>The clusters being served, by name.</summary>
internal sealed class ClusterRegistry(Func<ClusterPlan, Cluster> create)
{
    private readonly ConcurrentDictionary<string, Cluster> _clusters = new(StringComparer.Ordinal);
    private volatile bool _configured;
    private readonly Lock _gate = new();
    private Task? _stop;

    public IEnumerable<Cluster> All => _clusters.Values;

    /// <summary>False until the first plan has come: what is not here may still come.</summary>
    public bool Configured => _configured;

    public bool Stopping => Volatile.Read(ref _stop) is not null;

    public Cluster? Find(string name) => _clusters.GetValueOrDefault(name);

    /// <summary>Brings what is served in line with the plans. Clusters whose plan has not changed go on untouched. One caller at a time.</summary>
    public async Task ApplyAsync(IReadOnlyList<ClusterPlan> plans)
    {
        var unchanged = plans.Where(plan => Find(plan.Name) is { } running && ClusterPlans.SayTheSame(running.Plan, plan)).Select(plan => plan.Name).ToHashSet(StringComparer.Ordinal);
        await Task.WhenAll(_clusters.Keys.Where(name => !unchanged.Contains(name)).Select(StopAsync));
        foreach (var plan in plans.Where(plan => !unchanged.Contains(plan.Name) && !Stopping))
        {
            _clusters[plan.Name] = create(plan);
        }

        _configured = true;
    }

    /// <summary>Stops serving all clusters, at once.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            return _stop ??= Task.WhenAll(_clusters.Keys.Select(StopAsync));
        }
    }

    private async Task StopAsync(string name)
    {
        if (_clusters.TryRemove(name, out var cluster))
        {
            await cluster.StopAsync();
        }
    }
}
