namespace Zilla.Load.Mqtt;

/// <summary>How many messages all publishers of a run may have sent together. It starts at none.</summary>
internal sealed class Allowance
{
    private TaskCompletionSource _raised = NewSource();
    private long _sent;
    private long _total;

    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>How many of the <paramref name="wanted"/> may be sent now; they count as sent.</summary>
    public int Take(int wanted)
    {
        while (true)
        {
            var sent = Sent;
            var granted = (int)Math.Clamp(Interlocked.Read(ref _total) - sent, 0, wanted);
            if (granted == 0 || Interlocked.CompareExchange(ref _sent, sent + granted, sent) == sent)
            {
                return granted;
            }
        }
    }

    /// <summary>Completes with the next <see cref="Raise"/>, that it raised anything or not.</summary>
    public Task WaitAsync() => Volatile.Read(ref _raised).Task;

    /// <param name="total">Since the run began, what is sent already included; never less than before.</param>
    public void Raise(long total)
    {
        Interlocked.Exchange(ref _total, total);
        Interlocked.Exchange(ref _raised, NewSource()).SetResult();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
