using Zilla.Streams.Kafka;

namespace Zilla.Edge.Cache;

/// <summary>One try to produce a request that may come again; the next one waits until it is over.</summary>
public sealed class RequestTurn
{
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;
    private long _since;

    internal RequestTurn(KafkaProgress after, TimeProvider time) => (After, Written, _time) = (after, after, time);

    /// <summary>Up to where tries before this one have written: whoever looks for what they wrote has to look that far.</summary>
    public KafkaProgress After { get; }

    internal KafkaProgress Written { get; private set; }

    internal Task Over => _over.Task;

    internal bool HasFailed => _over.Task.IsFaulted;

    /// <summary>All of it is acknowledged.</summary>
    public void Succeed()
    {
        _since = _time.GetTimestamp();
        _over.SetResult();
    }

    /// <summary>Not all of it is written, and nothing of it is on its way any more: the next try goes on.</summary>
    /// <param name="written">Up to where some of it may be.</param>
    /// <param name="why">What those are told who only wait.</param>
    public void Fail(KafkaProgress written, Exception why)
    {
        ArgumentNullException.ThrowIfNull(written);
        _since = _time.GetTimestamp();
        Written = written.Partitions.Length > 0 ? written : After;
        _over.SetException(why);
        _ = _over.Task.Exception; // observed even if nobody else waits
    }

    internal bool IsOverSince(TimeSpan time) => _over.Task.IsCompleted && _time.GetElapsedTime(_since) > time;
}
