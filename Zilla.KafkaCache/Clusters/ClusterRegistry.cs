using System.Collections.Concurrent;
using Confluent.Kafka;
using Zilla.Config.Plans;
using Zilla.Config.Watching;

namespace Zilla.KafkaCache.Clusters;

/// <summary>The clusters being served, by name.</summary>
internal sealed class ClusterRegistry(Func<ClusterPlan, Cluster> create)
{
    private readonly ConcurrentDictionary<string, Cluster> _clusters = new(StringComparer.Ordinal);
    private volatile bool _configured;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _applying = new(1);
    private Task? _stop;

    public IEnumerable<Cluster> All => _clusters.Values;

    /// <summary>False until the first plan has come: what is not here may still come.</summary>
    public bool Configured => _configured;

    public bool Stopping => Volatile.Read(ref _stop) is not null;

    public Cluster? Find(string name) => _clusters.GetValueOrDefault(name);

    /// <summary>
    /// Brings what is served in line with the plans, whole or not at all. Clusters whose plan and stores have not changed go on untouched.
    /// </summary>
    /// <exception cref="PlanRefusedException">A store cannot be used, or the client library refuses what a plan says; nothing has changed.</exception>
    public Task ApplyAsync(IReadOnlyList<ClusterPlan> plans) => InTurnAsync(() => ApplyInTurnAsync(plans));

    /// <summary>Applies the plans in force again: clusters whose stores have changed are set up anew.</summary>
    /// <exception cref="PlanRefusedException">A store cannot be used; nothing has changed.</exception>
    public Task RenewAsync() => InTurnAsync(() => ApplyInTurnAsync([.. All.Select(cluster => cluster.Plan)]));

    /// <summary>Stops serving all clusters, at once.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            return _stop ??= Task.WhenAll(_clusters.Keys.Select(StopAsync));
        }
    }

    private async Task InTurnAsync(Func<Task> apply)
    {
        await _applying.WaitAsync();
        try
        {
            await apply();
        }
        finally
        {
            _applying.Release();
        }
    }

    private async Task ApplyInTurnAsync(IReadOnlyList<ClusterPlan> plans)
    {
        var unchanged = plans.Where(plan => Find(plan.Name) is { } running && running.StoresStamp == running.StoresStampNow && ClusterPlans.SayTheSame(running.Plan, plan)).Select(plan => plan.Name).ToHashSet(StringComparer.Ordinal);
        var created = await CreateAsync(plans.Where(plan => !unchanged.Contains(plan.Name)));
        Cluster[] leaving = [.. All.Where(cluster => !unchanged.Contains(cluster.Name))];
        foreach (var cluster in leaving)
        {
            _clusters.TryRemove(cluster.Name, out _);
        }

        foreach (var cluster in created)
        {
            _clusters[cluster.Name] = cluster;
        }

        _configured = true;
        await Task.WhenAll((Stopping ? [.. leaving, .. created] : leaving).Select(cluster => cluster.StopAsync()));
    }

    private async Task<List<Cluster>> CreateAsync(IEnumerable<ClusterPlan> plans)
    {
        var created = new List<Cluster>();
        foreach (var plan in plans)
        {
            try
            {
                created.Add(create(plan));
            }
            catch (Exception problem) when (problem is FormatException or InvalidOperationException or ArgumentException or KafkaException)
            {
                await Task.WhenAll(created.Select(cluster => cluster.StopAsync()));
                throw new PlanRefusedException($"{plan.Name}: {problem.Message}", problem);
            }
        }

        return created;
    }

    private async Task StopAsync(string name)
    {
        if (_clusters.TryRemove(name, out var cluster))
        {
            await cluster.StopAsync();
        }
    }
}
