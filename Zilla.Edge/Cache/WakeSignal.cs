using System.Threading.Tasks.Sources;

namespace Zilla.Edge.Cache;

/// <summary>
/// Wakes one waiter, which is a loop: a call while it is busy is kept for its next wait. Waiting allocates nothing. The waiter goes on behind all that is ready to run, which may have
/// more for it.
/// </summary>
public sealed class WakeSignal : IValueTaskSource, IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private bool _set;
    private bool _waiting;
    private ManualResetValueTaskSourceCore<bool> _signal = new() { RunContinuationsAsynchronously = true };

    public void Set()
    {
        lock (_gate)
        {
            if (!_waiting)
            {
                _set = true;
                return;
            }

            _waiting = false;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public ValueTask WaitAsync()
    {
        lock (_gate)
        {
            if (_set)
            {
                _set = false;
                return default;
            }

            _signal.Reset();
            _waiting = true;
            return new(this, _signal.Version);
        }
    }

    /// <summary>A waiter that has not come to wait yet must not wait anew while this is being said, so both are done under the gate.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        lock (_gate)
        {
            _signal.SetResult(true);
        }
    }

    void IValueTaskSource.GetResult(short token) => _signal.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _signal.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, flags);
}
