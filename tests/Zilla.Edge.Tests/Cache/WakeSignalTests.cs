using Zilla.Edge.Cache;

namespace Zilla.Edge.Tests.Cache;

/// <summary>One that waits, and others that wake it.</summary>
public sealed class WakeSignalTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly WakeSignal _signal = new();

    [Fact]
    public async Task Wait_IsOverWithTheCallBeforeIt_OrBehindIt()
    {
        _signal.Set();
        _signal.Set();
        Assert.True(_signal.WaitAsync().IsCompletedSuccessfully);
        var waiting = _signal.WaitAsync().AsTask();
        Assert.False(waiting.IsCompleted);
        _signal.Set();
        await waiting.WaitAsync(Patience);
    }

    /// <summary>Waiting anew while another thread still says that the last wait is over must neither fail nor lose a call.</summary>
    [Fact]
    public async Task ManyCalls_FromSeveralThreads_NoneIsLost()
    {
        const int calls = 200_000, callers = 3;
        var (given, taken) = (0, 0);
        var waiter = Task.Run(async () =>
        {
            while (taken < calls * callers)
            {
                await _signal.WaitAsync();
                taken = Volatile.Read(ref given);
            }
        });
        var giving = Enumerable.Range(0, callers).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < calls; i++)
            {
                Interlocked.Increment(ref given);
                _signal.Set();
            }
        }));
        await Task.WhenAll(giving).WaitAsync(Patience);
        await waiter.WaitAsync(Patience);
        Assert.Equal(calls * callers, taken);
    }
}
