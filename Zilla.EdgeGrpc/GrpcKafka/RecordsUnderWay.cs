using System.Threading.Tasks.Sources;

namespace Zilla.EdgeGrpc.GrpcKafka;

/// <summary>How many records of a call are on their way, and the wait until few enough are. For one that waits at a time.</summary>
/// <remarks>
/// Who waits goes on behind all that is ready to run, not on the thread that brings the answers: these come by the dozen, and what their calls send leaves in as few packets as there are
/// connections only if all of them have ended before the first is sent.
/// </remarks>
internal sealed class RecordsUnderWay : IValueTaskSource, IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<bool> _signal;
    private int _count;
    private int _most;
    private bool _waits;

    public int Count => Volatile.Read(ref _count);

    /// <summary>So many more, or fewer.</summary>
    public void Add(int records)
    {
        lock (_gate)
        {
            _count += records;
            if (!_waits || _count > _most)
            {
                return;
            }

            _waits = false;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Completes when there are not more than <paramref name="most"/>.</summary>
    /// <exception cref="OperationCanceledException">There still are.</exception>
    public async ValueTask WaitAsync(int most, CancellationToken cancellationToken)
    {
        if (!Begin(most))
        {
            return;
        }

        await using (cancellationToken.UnsafeRegister(static self => ((RecordsUnderWay)self!).GiveUp(), this))
        {
            await new ValueTask(this, _signal.Version);
        }

        if (Count > most)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    private bool Begin(int most)
    {
        lock (_gate)
        {
            _signal.Reset();
            _most = most;
            return _waits = _count > most;
        }
    }

    private void GiveUp()
    {
        lock (_gate)
        {
            if (!_waits)
            {
                return;
            }

            _waits = false;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute() => _signal.SetResult(true);

    void IValueTaskSource.GetResult(short token) => _signal.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _signal.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, flags);
}
