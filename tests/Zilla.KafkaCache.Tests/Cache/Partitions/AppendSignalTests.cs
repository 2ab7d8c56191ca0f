using Zilla.KafkaCache.Cache.Partitions;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Cache.Partitions;

public sealed class AppendSignalTests
{
    private readonly AppendSignal _signal = new();

    [Fact]
    public void WaitAsync_PulseSinceTheLook_CompletesAtOnce()
    {
        var seen = _signal.Version;
        _signal.Pulse();

        Assert.True(_signal.WaitAsync(seen, CancellationToken.None).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task WaitAsync_NoPulseYet_CompletesWithThePulse()
    {
        var waits = Enumerable.Range(0, 3).Select(_ => _signal.WaitAsync(_signal.Version, CancellationToken.None)).ToArray();
        Assert.DoesNotContain(waits, wait => wait.IsCompleted);

        _signal.Pulse();

        await Eventually.HoldsAsync(() => waits.All(wait => wait.IsCompletedSuccessfully));
    }

    [Fact]
    public async Task WaitAsync_Cancelled_OthersGoOnWaiting()
    {
        using var cancelled = new CancellationTokenSource();
        var one = _signal.WaitAsync(0, cancelled.Token);
        var other = _signal.WaitAsync(0, CancellationToken.None);

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        Assert.False(other.IsCompleted);
    }
}
