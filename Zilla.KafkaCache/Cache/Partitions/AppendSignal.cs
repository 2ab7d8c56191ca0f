namespace Zilla.KafkaCache.Cache.Partitions;

/// <summary>
/// Wakes those who wait for something new. A waiter reads <see cref="Version"/>, looks around, and waits for a version after that one, so that
/// nothing that happens between the look and the wait is missed.
/// </summary>
internal sealed class AppendSignal
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _waiters;
    private long _version;

    public long Version => Volatile.Read(ref _version);

    public void Pulse()
    {
        TaskCompletionSource? waiters;
        lock (_gate)
        {
            _version++;
            (waiters, _waiters) = (_waiters, null);
        }

        waiters?.SetResult();
    }

    /// <summary>Completes once there was a pulse after <paramref name="version"/>.</summary>
    public Task WaitAsync(long version, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_version != version)
            {
                return Task.CompletedTask;
            }

            // Continuations must not run on the thread that consumes from Kafka.
            _waiters ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _waiters.Task.WaitAsync(cancellationToken);
        }
    }
}
