using Zilla.Streams.Frames;
using Zilla.Streams.Lanes;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.Streams.Tests.Lanes;

public class InProcessLanesTests
{
    private static readonly Begin Opening = new() { Kafka = new KafkaBeginEx { Cluster = "c", Topic = "t" } };

    [Fact]
    public async Task Open_Accepted_ExchangesFramesInOrder()
    {
        await using var lanes = InProcessLanes.Connect(new Acceptor(async (stream, cancellation) =>
        {
            Assert.Equal(Opening, stream.Opening);
            stream.Accept();
            await stream.WriteFlushAsync(ExtensionKind.Kafka, new byte[] { 7 }, cancellation);
            var data = await stream.ReadAsync(cancellation);
            await stream.WriteDataAsync(data.Payload, data.Flags, data.ExtensionKind, data.Extension, cancellation);
            Assert.Equal(FrameKind.End, (await stream.ReadAsync(cancellation)).Kind);
            stream.End(ExtensionKind.Kafka, new byte[] { 8 });
        }));
        await using var stream = lanes.Open(Opening);
        await stream.WriteDataAsync("hello"u8.ToArray(), DataFlags.Whole, ExtensionKind.Kafka, new byte[] { 1, 2 });
        stream.End();

        Assert.Equal(FrameKind.Begin, (await Next(stream)).Kind);
        var flush = await Next(stream);
        Assert.Equal((FrameKind.Flush, ExtensionKind.Kafka, 7), (flush.Kind, flush.ExtensionKind, flush.Extension.Span[0]));
        var data = await Next(stream);
        Assert.Equal((FrameKind.Data, DataFlags.Whole), (data.Kind, data.Flags));
        Assert.Equal("hello"u8.ToArray(), data.Payload.ToArray());
        Assert.Equal([1, 2], data.Extension.ToArray());
        var end = await Next(stream);
        Assert.Equal((FrameKind.End, 8), (end.Kind, end.Extension.Span[0]));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await stream.ReadAsync());
        await Eventually.HoldsAsync(() => lanes.OpenStreams == 0);
    }

    [Fact]
    public async Task Reset_BeforeAccept_GivesTheOpenerItsCauseAndRetry()
    {
        await using var lanes = InProcessLanes.Connect(new Acceptor((stream, _) =>
        {
            stream.Reset(Cause.Unavailable, "no broker", TimeSpan.FromSeconds(2));
            return Task.CompletedTask;
        }));
        await using var stream = lanes.Open(Opening);

        var broken = await Assert.ThrowsAsync<StreamBrokenException>(() => Next(stream));

        Assert.Equal((Cause.Unavailable, "no broker", TimeSpan.FromSeconds(2)), (broken.Cause, broken.Message, broken.RetryAfter));
        Assert.True(stream.Broken.IsCancellationRequested);
        await Assert.ThrowsAsync<StreamBrokenException>(async () => await stream.WriteDataAsync(default, DataFlags.Whole));
        await Eventually.HoldsAsync(() => lanes.OpenStreams == 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Accept_ThrowsAfterTheOpenersEnd_ReachesTheOpener(bool accepted)
    {
        await using var lanes = InProcessLanes.Connect(new Acceptor(async (stream, cancellation) =>
        {
            if (accepted)
            {
                stream.Accept();
            }

            Assert.Equal(FrameKind.End, (await stream.ReadAsync(cancellation)).Kind);
            throw new StreamBrokenException(Cause.UnknownTopic, "no such topic");
        }));
        await using var stream = lanes.Open(Opening);
        stream.End();

        var broken = await Assert.ThrowsAsync<StreamBrokenException>(async () =>
        {
            await Next(stream);
            await Next(stream);
        });

        Assert.Equal((Cause.UnknownTopic, "no such topic"), (broken.Cause, broken.Message));
        await Eventually.HoldsAsync(() => lanes.OpenStreams == 0);
    }

    [Fact]
    public async Task Accept_ThrowsAnything_IsInternalWithoutItsMessage()
    {
        await using var lanes = InProcessLanes.Connect(new Acceptor((_, _) => throw new FormatException("secret")));
        await using var stream = lanes.Open(Opening);

        var broken = await Assert.ThrowsAsync<StreamBrokenException>(() => Next(stream));

        Assert.Equal(Cause.Internal, broken.Cause);
        Assert.DoesNotContain("secret", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_OfTheOpener_CancelsTheAcceptor()
    {
        var cancelled = new TaskCompletionSource<bool>();
        await using var lanes = InProcessLanes.Connect(new Acceptor(async (stream, cancellation) =>
        {
            stream.Accept();
            await using var registration = cancellation.Register(() => cancelled.TrySetResult(true));
            var broken = await Assert.ThrowsAsync<StreamBrokenException>(async () => await stream.ReadAsync(CancellationToken.None));
            Assert.Equal(Cause.Cancelled, broken.Cause);
            await cancelled.Task;
        }));
        var stream = lanes.Open(Opening);
        await Next(stream);

        await stream.DisposeAsync();

        Assert.True(await Eventually.CompletesAsync(cancelled.Task));
        await Eventually.HoldsAsync(() => lanes.OpenStreams == 0);
    }

    [Fact]
    public async Task Reset_AfterTheAcceptorsEnd_LeavesTheOpenersReadingWhole()
    {
        await using var lanes = InProcessLanes.Connect(new Acceptor(async (stream, cancellation) =>
        {
            stream.Accept();
            await stream.WriteDataAsync("1"u8.ToArray(), DataFlags.Whole, cancellationToken: cancellation);
            stream.End(); // And then its task ends, which resets the opener's direction.
        }));
        await using var stream = lanes.Open(Opening);
        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                await stream.WriteDataAsync("0"u8.ToArray(), DataFlags.Whole);
                return false;
            }
            catch (StreamBrokenException)
            {
                return true;
            }
        });

        Assert.False(stream.Broken.IsCancellationRequested);
        Assert.Equal(FrameKind.Begin, (await Next(stream)).Kind);
        Assert.Equal(FrameKind.Data, (await Next(stream)).Kind);
        Assert.Equal(FrameKind.End, (await Next(stream)).Kind);
    }

    [Fact]
    public async Task Write_MoreThanTheCredit_WaitsForTheReaderAndLosesNothing()
    {
        var released = new TaskCompletionSource();
        var sums = new TaskCompletionSource<(int Frames, long Sum)>();
        await using var lanes = InProcessLanes.Connect(
            new Acceptor(async (stream, cancellation) =>
            {
                stream.Accept();
                await released.Task;
                var (frames, sum) = (0, 0L);
                while (await stream.ReadAsync(cancellation) is { Kind: FrameKind.Data } frame)
                {
                    frames++;
                    sum += BitConverter.ToInt32(frame.Payload.Span);
                }

                sums.SetResult((frames, sum));
            }),
            new() { StreamCredit = 10 * (4 + 64), LaneCredit = 100_000 });
        await using var stream = lanes.Open(Opening);

        var blocked = false;
        for (var i = 0; i < 1000; i++)
        {
            var write = stream.WriteDataAsync(BitConverter.GetBytes(i), DataFlags.Whole);
            if (!write.IsCompleted && i >= 10)
            {
                blocked = true;
                released.TrySetResult();
            }

            await write;
        }

        stream.End();
        Assert.True(blocked);
        Assert.Equal((1000, 999 * 1000 / 2), await Eventually.CompletesAsync(sums.Task));
    }

    [Fact]
    public async Task Write_Cancelled_SendsNothingAndTheStreamGoesOn()
    {
        var released = new TaskCompletionSource();
        var seen = new List<int>();
        var done = new TaskCompletionSource<bool>();
        await using var lanes = InProcessLanes.Connect(
            new Acceptor(async (stream, cancellation) =>
            {
                stream.Accept();
                await released.Task;
                while (await stream.ReadAsync(cancellation) is { Kind: FrameKind.Data } frame)
                {
                    seen.Add(frame.Payload.Span[0]);
                }

                done.SetResult(true);
            }),
            new() { StreamCredit = 2 * 65 });
        await using var stream = lanes.Open(Opening);
        await stream.WriteDataAsync(new byte[] { 0 }, DataFlags.Whole);
        await stream.WriteDataAsync(new byte[] { 1 }, DataFlags.Whole);
        using var cancellation = new CancellationTokenSource();
        var write = stream.WriteDataAsync(new byte[] { 2 }, DataFlags.Whole, cancellationToken: cancellation.Token).AsTask();
        Assert.False(write.IsCompleted);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        released.SetResult();
        await stream.WriteDataAsync(new byte[] { 3 }, DataFlags.Whole);
        stream.End();

        await Eventually.CompletesAsync(done.Task);
        Assert.Equal([0, 1, 3], seen);
    }

    [Fact]
    public async Task Read_Cancelled_LosesNoFrame()
    {
        await using var lanes = InProcessLanes.Connect(Acceptor.Echo);
        await using var stream = lanes.Open(Opening);
        Assert.Equal(FrameKind.Begin, (await Next(stream)).Kind);
        using var cancellation = new CancellationTokenSource();
        var read = stream.ReadAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);

        await stream.WriteDataAsync("x"u8.ToArray(), DataFlags.Whole);

        Assert.Equal("x"u8.ToArray(), (await Next(stream)).Payload.ToArray());
    }

    [Fact]
    public async Task Cut_BreaksEveryStreamWithLaneLost()
    {
        var acceptorsCause = new TaskCompletionSource<Cause>();
        await using var lanes = InProcessLanes.Connect(new Acceptor(async (stream, _) =>
        {
            stream.Accept();
            var broken = await Assert.ThrowsAsync<StreamBrokenException>(async () => await stream.ReadAsync(CancellationToken.None));
            acceptorsCause.SetResult(broken.Cause);
        }));
        await using var stream = lanes.Open(Opening);
        await Next(stream);

        lanes.Cut();

        Assert.Equal(Cause.LaneLost, (await Assert.ThrowsAsync<StreamBrokenException>(() => Next(stream))).Cause);
        Assert.Equal(Cause.LaneLost, await Eventually.CompletesAsync(acceptorsCause.Task));
        Assert.Equal(Cause.LaneLost, Assert.Throws<StreamBrokenException>(() => lanes.Open(Opening)).Cause);
    }

    [Fact]
    public async Task Close_WithStreamsThatEndInTime_AbortsNothing()
    {
        await using var lanes = InProcessLanes.Connect(Acceptor.Echo);
        await using var stream = lanes.Open(Opening);
        Assert.Equal(FrameKind.Begin, (await Next(stream)).Kind);

        var closing = lanes.CloseAsync();
        await Eventually.HoldsAsync(() =>
        {
            try
            {
                _ = lanes.Open(Opening).DisposeAsync();
                return false;
            }
            catch (StreamBrokenException)
            {
                return true;
            }
        });
        stream.End();

        Assert.Equal(FrameKind.End, (await Next(stream)).Kind);
        await closing;
    }

    [Fact]
    public async Task Close_WithStreamsThatDoNotEnd_AbortsThemAfterTheDrainTimeout()
    {
        var time = new ManualTime();
        await using var lanes = InProcessLanes.Connect(Acceptor.Echo, time: time);
        await using var stream = lanes.Open(Opening);
        Assert.Equal(FrameKind.Begin, (await Next(stream)).Kind);

        var closing = lanes.CloseAsync();

        // No further: the time that the peer's farewell has to be sent in must not go by.
        time.Advance(new LaneOptions().DrainTimeout);
        Assert.Equal(Cause.ShuttingDown, (await Assert.ThrowsAsync<StreamBrokenException>(() => Next(stream))).Cause);
        await closing;
    }

    private static async Task<StreamFrame> Next(FrameStream stream) => await Eventually.CompletesAsync(stream.ReadAsync().AsTask());
}
