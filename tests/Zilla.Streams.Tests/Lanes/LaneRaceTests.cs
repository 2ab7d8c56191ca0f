using Microsoft.Extensions.Logging.Abstractions;
using Zilla.Streams.FlowControl;
using Zilla.Streams.Frames;
using Zilla.Streams.Lanes;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.Streams.Tests.Lanes;

public class LaneRaceTests
{
    /// <summary>
    /// Both sides of many streams do what comes to their mind, at the same time: the lane lives, no stream stays in a table, no waiting call is
    /// forgotten, and what was buffered is given back.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Streams_EndedEveryWhichWay_LeaveNothingBehind(int seed)
    {
        var budget = new BufferBudget(1_000_000);
        var options = new LaneOptions { StreamCredit = 2000, LaneCredit = 5000, Budget = budget };
        var (here, there) = MemoryTransport.CreatePair();
        await using var acceptor = new Lane(
            there, options, new Acceptor((stream, cancellation) => MisbehaveAsync(stream, new Random(seed + (int)stream.Id), true, cancellation)), false, NullLogger.Instance, TimeProvider.System);
        await using var dialler = new Lane(here, options, null, true, NullLogger.Instance, TimeProvider.System);
        acceptor.Start();
        dialler.Start();

        var work = Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
        {
            var random = new Random((seed * 1000) + worker);
            for (var i = 0; i < 100; i++)
            {
                await using var stream = dialler.Open(new Begin());
                await MisbehaveAsync(stream, random, false, default);
            }

            return true;
        }));
        await Eventually.CompletesAsync(Task.WhenAll(work), TimeSpan.FromMinutes(1));

        await Eventually.HoldsAsync(() => dialler.OpenStreams == 0 && acceptor.OpenStreams == 0 && budget.Used == 0);
        Assert.False(dialler.Ended.IsCompleted);
        Assert.False(acceptor.Ended.IsCompleted);
    }

    private static async Task MisbehaveAsync(FrameStream stream, Random random, bool accept, CancellationToken cancellation)
    {
        try
        {
            if (accept && random.Next(10) > 0)
            {
                stream.Accept();
            }

            var steps = random.Next(20);
            for (var i = 0; i < steps; i++)
            {
                using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                switch (random.Next(12))
                {
                    case < 5:
                        var write = stream.WriteDataAsync(new byte[random.Next(1500)], DataFlags.Whole, cancellationToken: soon.Token);
                        await EndSoonAsync(write.AsTask(), stream, random, soon);
                        break;
                    case < 9:
                        await EndSoonAsync(stream.ReadAsync(soon.Token).AsTask(), stream, random, soon);
                        break;
                    case 9:
                        stream.End();
                        break;
                    case 10:
                        stream.Reset(Cause.Cancelled, "a whim");
                        break;
                    default:
                        stream.Abort(Cause.Cancelled, "a whim");
                        break;
                }
            }
        }
        catch (Exception expected) when (expected is StreamBrokenException or OperationCanceledException or InvalidOperationException)
        {
            // Whatever happens to a stream is one of these.
        }
    }

    /// <summary>A call that does not complete by itself is cancelled, or the stream is broken under it.</summary>
    private static async Task EndSoonAsync(Task call, FrameStream stream, Random random, CancellationTokenSource soon)
    {
        for (var patience = random.Next(5); patience > 0 && !call.IsCompleted; patience--)
        {
            await Task.Yield();
        }

        if (!call.IsCompleted)
        {
            switch (random.Next(3))
            {
                case 0:
                    await soon.CancelAsync();
                    break;
                case 1:
                    await stream.DisposeAsync();
                    break;
                default:
                    stream.Abort(Cause.Internal, "a whim");
                    stream.Reset(Cause.Internal, "a whim");
                    break;
            }
        }

        await call;
    }
}
