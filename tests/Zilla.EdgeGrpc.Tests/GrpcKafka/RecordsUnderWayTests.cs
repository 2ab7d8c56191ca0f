using Zilla.EdgeGrpc.GrpcKafka;

namespace Zilla.EdgeGrpc.Tests.GrpcKafka;

/// <summary>Waiting for the records of a call.</summary>
public sealed class RecordsUnderWayTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly RecordsUnderWay _records = new();

    [Fact]
    public async Task Wait_FewEnough_IsOverAtOnce()
    {
        Assert.True(_records.WaitAsync(0, CancellationToken.None).IsCompletedSuccessfully);
        _records.Add(2);
        Assert.True(_records.WaitAsync(2, CancellationToken.None).IsCompletedSuccessfully);
        await _records.WaitAsync(2, new CancellationToken(canceled: true));
    }

    [Fact]
    public async Task Wait_IsOverWithTheLastThatIsTooMany()
    {
        _records.Add(3);
        var waiting = _records.WaitAsync(1, CancellationToken.None).AsTask();
        _records.Add(-1);
        Assert.False(waiting.IsCompleted);
        _records.Add(-1);
        await waiting.WaitAsync(Patience);

        // And once more.
        waiting = _records.WaitAsync(0, CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        _records.Add(-1);
        await waiting.WaitAsync(Patience);
        Assert.Equal(0, _records.Count);
    }

    [Fact]
    public async Task Wait_Cancelled_Throws_AndCanBeTakenUpAgain()
    {
        using var cancelled = new CancellationTokenSource();
        _records.Add(1);
        var waiting = _records.WaitAsync(0, cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Patience));
        Assert.Equal(cancelled.Token, thrown.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _records.WaitAsync(0, cancelled.Token).AsTask().WaitAsync(Patience));

        var settling = _records.WaitAsync(0, CancellationToken.None).AsTask();
        Assert.False(settling.IsCompleted);
        _records.Add(-1);
        await settling.WaitAsync(Patience);
    }

    [Fact]
    public async Task Wait_CancelledAndAnsweredAtOnce_IsOverOnce()
    {
        for (var i = 0; i < 500; i++)
        {
            using var cancelled = new CancellationTokenSource();
            _records.Add(1);
            var waiting = _records.WaitAsync(0, cancelled.Token).AsTask();
            await Task.WhenAll(Task.Run(cancelled.Cancel), Task.Run(() => _records.Add(-1)));
            await waiting.WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            Assert.True(waiting.IsCompletedSuccessfully || waiting.IsCanceled, waiting.Status.ToString());
        }
    }

    [Fact]
    public async Task Answer_DoesNotRunWhatWaits()
    {
        _records.Add(1);
        var answering = new Lock();
        var waiting = WaitAsync();
        lock (answering)
        {
            _records.Add(-1);
        }

        Assert.False(await waiting.WaitAsync(Patience));

        async Task<bool> WaitAsync()
        {
            await _records.WaitAsync(0, CancellationToken.None).ConfigureAwait(false);
            return answering.IsHeldByCurrentThread;
        }
    }
}
