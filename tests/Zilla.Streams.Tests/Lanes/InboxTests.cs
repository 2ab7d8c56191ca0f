using Microsoft.Extensions.Logging.Abstractions;
using Zilla.Streams.FlowControl;
using Zilla.Streams.Frames;
using Zilla.Streams.Lanes;
using Zilla.Streams.V1;

namespace Zilla.Streams.Tests.Lanes;

/// <summary>What wakes the one reader of a stream, and what must not.</summary>
public sealed class InboxTests : IAsyncLifetime
{
    private readonly Lane _lane = new(MemoryTransport.CreatePair().Dialler, new LaneOptions(), null, true, NullLogger.Instance, TimeProvider.System);
    private Inbox _inbox = null!;

    public Task InitializeAsync()
    {
        _inbox = new Inbox(new LaneStream(_lane, 1, new Begin(), isOpener: true), 1 << 20, new BufferBudget(1 << 20));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _lane.DisposeAsync();

    [Fact]
    public async Task Put_SeveralFramesOfOneBatch_AskForOneWake()
    {
        var first = _inbox.WaitAsync(default);

        Assert.Equal([true, false, false], new[] { Put(1), Put(2), Put(3) });
        _inbox.WakeReader();

        Assert.Equal(1, Number(await first));
        Assert.Equal([2, 3], new[] { Take(), Take() });
    }

    [Fact]
    public async Task WakeReader_OfFramesThatHaveBeenRead_LeavesTheReaderThatWaitsForMore()
    {
        // A batch brings frames of this stream, of another, and of this one again; the reader is quicker than the lane.
        var first = _inbox.WaitAsync(default);
        Put(1);
        _inbox.WakeReader();
        Assert.Equal(1, Number(await first));
        var second = _inbox.WaitAsync(default);
        _inbox.WakeReader();
        Put(2);
        _inbox.WakeReader();

        Assert.Equal(2, Number(await second));
    }

    [Fact]
    public async Task WakeReader_AfterTheReaderWasCancelledAndWaitsAgain_DoesNotWakeIt()
    {
        using var cancelled = new CancellationTokenSource();
        var first = _inbox.WaitAsync(cancelled.Token);
        Assert.True(Put(1));
        await cancelled.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await first);
        Assert.Equal(1, Take());
        var second = _inbox.WaitAsync(default);
        _inbox.WakeReader();
        Assert.True(Put(2));
        _inbox.WakeReader();

        Assert.Equal(2, Number(await second));
    }

    private static int Number(in StreamFrame frame) => frame.Payload.Span[0];

    private bool Put(byte number)
    {
        Assert.Equal(InboxOutcome.Queued, _inbox.Put(new() { Kind = FrameKind.Data, StreamId = 1, Payload = new[] { number }, Flags = DataFlags.Whole }, out var wakes));
        return wakes;
    }

    private int Take()
    {
        Assert.True(_inbox.TryTake(out var frame));
        return Number(frame);
    }
}
