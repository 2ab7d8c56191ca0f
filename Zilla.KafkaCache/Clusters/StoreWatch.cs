using Zilla.Config.Watching;

namespace Zilla.KafkaCache.Clusters;

/// <summary>
/// Looks every so often whether a store that a cluster's keys or trust come from has been written anew: the cluster is set up anew then. A store
/// that has become unreadable changes nothing.
/// </summary>
internal sealed class StoreWatch(ClusterRegistry clusters, CacheOptions options, TimeProvider time, ILogger<StoreWatch> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.VaultPollInterval, time);
        var refused = "";
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                refused = await LookAsync(refused);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    /// <returns>The stamp that was found and cannot be used; it is complained about once.</returns>
    private async Task<string> LookAsync(string refused)
    {
        Cluster[] changed = [.. clusters.All.Where(cluster => cluster.StoresStamp != cluster.StoresStampNow)];
        var stamp = string.Join('\n', changed.Select(cluster => $"{cluster.Name} {cluster.StoresStampNow}"));
        if (stamp.Length == 0 || stamp == refused)
        {
            return refused;
        }

        try
        {
            await clusters.RenewAsync();
            CacheLog.StoresReloaded(logger, string.Join(", ", changed.Select(cluster => cluster.Name)));
            return "";
        }
        catch (PlanRefusedException e)
        {
            CacheLog.StoresNotReloaded(logger, e.Message);
            return stamp;
        }
    }
}
