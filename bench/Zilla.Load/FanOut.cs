namespace Zilla.Load;

/// <summary>What all subscribers of a run count together.</summary>
internal sealed class FanOut(int subscribers, long deliveries)
{
    private readonly TaskCompletionSource _warm = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _start = long.MaxValue;
    private long _delivered;
    private int _warmed;

    /// <summary>Events published before are not counted.</summary>
    public long Start
    {
        get => Volatile.Read(ref _start);
        set => Volatile.Write(ref _start, value);
    }

    public long Deliveries => Interlocked.Read(ref _delivered);

    /// <summary>Completes when each subscriber has had an event from before <see cref="Start"/>: all are live then.</summary>
    public Task AllWarm => _warm.Task;

    public Task AllDelivered => _all.Task;

    public void Warm()
    {
        if (Interlocked.Increment(ref _warmed) == subscribers)
        {
            _warm.SetResult();
        }
    }

    public void Delivered()
    {
        if (Interlocked.Increment(ref _delivered) == deliveries)
        {
            _all.SetResult();
        }
    }
}
