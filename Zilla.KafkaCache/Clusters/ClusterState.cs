namespace Zilla.KafkaCache.Clusters;

/// <summary>Whether a cluster can be reached, as far as is known.</summary>
internal sealed class ClusterState(ILogger logger, string cluster)
{
    private const string NotYet = "no broker has answered yet";

    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _problem = NotYet;

    /// <summary>Null when brokers answer, else what is wrong.</summary>
    public string? Problem => _problem;

    public bool Up => _problem is null;

    /// <summary>What is wrong, once that is known for sure: null also while nothing is known yet.</summary>
    public string? KnownProblem => _settled.Task.IsCompleted ? _problem : null;

    /// <summary>As <see cref="Problem"/>, but while nothing is known yet it waits for the first answer or failure, which comes within seconds.</summary>
    public async ValueTask<string?> ProblemAsync(CancellationToken cancellationToken)
    {
        await _settled.Task.WaitAsync(cancellationToken);
        return _problem;
    }

    public void Answered()
    {
        if (Interlocked.Exchange(ref _problem, null) is not null)
        {
            CacheLog.ClusterUp(logger, cluster);
        }

        _settled.TrySetResult();
    }

    public void Failed(string reason)
    {
        if (Interlocked.Exchange(ref _problem, reason) is null or NotYet)
        {
            CacheLog.ClusterDown(logger, cluster, reason);
        }

        _settled.TrySetResult();
    }
}
