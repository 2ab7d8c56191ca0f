namespace Zilla.KafkaCache.Clusters;

/// <summary>Whether a cluster can be reached, as far as is known; starts with "not yet".</summary>
internal sealed class ClusterState(ILogger logger, string cluster)
{
    private volatile string? _problem = "no broker has answered yet";

    /// <summary>Null when brokers answer, else what is wrong.</summary>
    public string? Problem => _problem;

    public bool Up => _problem is null;

    public void Answered()
    {
        if (Interlocked.Exchange(ref _problem, null) is not null)
        {
            CacheLog.ClusterUp(logger, cluster);
        }
    }

    public void Failed(string reason)
    {
        if (Interlocked.Exchange(ref _problem, reason) is null or "no broker has answered yet")
        {
            CacheLog.ClusterDown(logger, cluster, reason);
        }
    }
}
