namespace Zilla.KafkaCache.Sessions;

/// <summary>Bounds what of a stream waits for Kafka: whoever reads it waits until there is room. For one who enters; any thread may leave.</summary>
/// <param name="limit">One alone may be larger.</param>
internal sealed class WaitingRoom(long limit)
{
    private readonly Lock _gate = new();
    private long _used;
    private TaskCompletionSource? _left;

    public async ValueTask EnterAsync(long size, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task left;
            lock (_gate)
            {
                if (_used == 0 || _used + size <= limit)
                {
                    _used += size;
                    return;
                }

                left = (_left ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await left.WaitAsync(cancellationToken);
        }
    }

    public void Leave(long size)
    {
        lock (_gate)
        {
            _used -= size;
            _left?.TrySetResult();
            _left = null;
        }
    }
}
