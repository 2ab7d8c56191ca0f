using System.Threading.Tasks.Sources;
using Zilla.Streams.Frames;

namespace Zilla.Streams.Lanes;

/// <summary>The one write of a stream that waits for credit; reused for all its writes. Guarded by the lane's gate.</summary>
internal sealed class SendWaiter(LaneStream stream) : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _signal = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private StreamFrame _frame;

    public bool IsWaiting { get; private set; }

    /// <summary>The frame that waits. Its memory belongs to a caller that awaits, so it stays valid.</summary>
    public ref readonly StreamFrame Frame => ref _frame;

    public void Start(in StreamFrame frame)
    {
        _signal.Reset();
        _frame = frame;
        IsWaiting = true;
    }

    /// <summary>Called by the writer after it has left the gate.</summary>
    public ValueTask AwaitAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(static (stream, token) => ((LaneStream)stream!).CancelWrite(token), stream);
        }

        return new(this, _signal.Version);
    }

    public void Succeed()
    {
        Stop();
        _signal.SetResult(true);
    }

    public void Fail(Exception error)
    {
        Stop();
        _signal.SetException(error);
    }

    void IValueTaskSource.GetResult(short token)
    {
        _cancellation.Dispose();
        _cancellation = default;
        _signal.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _signal.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, flags);

    private void Stop()
    {
        IsWaiting = false;
        _frame = default;
    }
}
