namespace Zilla.KafkaCache.Clusters;

/// <summary>Whether a cluster can be reached, as far as is known.</summary>
internal sealed class ClusterState(ILogger logger, string cluster)
{
    private const string NotYet = "no broker has answered yet";

    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _problem = NotYet;
    private volatile string? _connection;
    private volatile bool _explained;
    private volatile bool _refused;

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
        (_connection, _explained, _refused) = (null, false, false);
        if (Interlocked.Exchange(ref _problem, null) is not null)
        {
            CacheLog.ClusterUp(logger, cluster);
        }

        _settled.TrySetResult();
    }

    /// <summary>Keeps why a connection failed: that says more than that no broker answers, which is all that calls of the client library know.</summary>
    public void ConnectionFailed(string reason) => _connection = reason;

    /// <param name="reason">For people.</param>
    /// <param name="isRefusal">A broker answers, and does not accept who we say we are. Told once, until brokers answer again.</param>
    public void Failed(string reason, bool isRefusal = false)
    {
        var connection = _connection;
        reason = connection ?? reason;
        var isNews = Interlocked.Exchange(ref _problem, reason) is null or NotYet || (connection is not null && !_explained);
        if (isRefusal && !_refused)
        {
            (_refused, _explained) = (true, true);
            CacheLog.ClusterRefused(logger, cluster, reason);
        }
        else if (isNews)
        {
            _explained = connection is not null;
            CacheLog.ClusterDown(logger, cluster, reason);
        }

        _settled.TrySetResult();
    }
}
