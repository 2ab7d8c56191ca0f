using Microsoft.Extensions.Logging.Abstractions;
using Zilla.Streams.Frames;
using Zilla.Streams.Tests.Lanes;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.Streams.Tests.Network;

public class LaneOverKestrelTests
{
    private static readonly Begin Opening = new() { Kafka = new KafkaBeginEx { Topic = "t" } };

    [Fact]
    public async Task Read_OneStreamStandsStill_TheOthersGetAllTheirFramesInOrder()
    {
        const int Streams = 8, FramesEach = 12_500;
        await using var host = await LaneHost.StartAsync(new Acceptor(async (stream, cancellation) =>
        {
            stream.Accept();
            var payload = new byte[256];
            for (var i = 0; i < FramesEach; i++)
            {
                BitConverter.TryWriteBytes(payload, i);
                await stream.WriteDataAsync(payload, DataFlags.Whole, cancellationToken: cancellation);
            }

            stream.End();
        }));
        await using var connection = host.Connect();
        await connection.WaitUntilConnectedAsync().WaitAsync(TimeSpan.FromSeconds(30));
        var streams = Enumerable.Range(0, Streams).Select(_ => connection.Open(Opening)).ToArray();

        // The first one reads nothing until all others have everything.
        var fast = streams[1..].Select(s => ReadAllAsync(s, slow: false)).ToArray();
        Assert.All(await Eventually.CompletesAsync(Task.WhenAll(fast)), n => Assert.Equal(FramesEach, n));
        Assert.Equal(FramesEach, await Eventually.CompletesAsync(ReadAllAsync(streams[0], slow: true)));
    }

    [Fact]
    public async Task Write_EightStreamsAtOnce_ArriveInOrder()
    {
        const int Streams = 8, FramesEach = 12_500;
        var counts = new System.Collections.Concurrent.ConcurrentBag<int>();
        await using var host = await LaneHost.StartAsync(new Acceptor(async (stream, cancellation) =>
        {
            stream.Accept();
            counts.Add(await ReadAllAsync(stream, slow: stream.Id == 1));
            stream.End();
        }));
        await using var connection = host.Connect(lanes: 2);
        await connection.WaitUntilConnectedAsync().WaitAsync(TimeSpan.FromSeconds(30));

        await Eventually.CompletesAsync(Task.WhenAll(Enumerable.Range(0, Streams).Select(async _ =>
        {
            await using var stream = connection.Open(Opening);
            for (var i = 0; i < FramesEach; i++)
            {
                await stream.WriteDataAsync(BitConverter.GetBytes(i), DataFlags.Whole);
            }

            stream.End();
            Assert.Equal(FrameKind.Begin, (await stream.ReadAsync()).Kind);
            Assert.Equal(FrameKind.End, (await stream.ReadAsync()).Kind);
            return true;
        })));

        Assert.Equal(Enumerable.Repeat(FramesEach, Streams), counts);
    }

    [Fact]
    public async Task Host_DiesWithoutAWord_StreamsBreakAndTheConnectionComesBack()
    {
        var port = FreePort.Next();
        var host = await LaneHost.StartAsync(Acceptor.Echo, port: port);
        await using var connection = host.Connect(lanes: 2);
        await connection.WaitUntilConnectedAsync().WaitAsync(TimeSpan.FromSeconds(30));
        await using var stream = connection.Open(Opening);
        Assert.Equal(FrameKind.Begin, (await Next(stream)).Kind);

        // Stopping with no time left cuts the connections.
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await host.StopAsync(atOnce.Token);
        await host.DisposeAsync();

        Assert.Contains((await Assert.ThrowsAsync<StreamBrokenException>(() => Next(stream))).Cause, new[] { Cause.LaneLost, Cause.ShuttingDown });
        await Eventually.HoldsAsync(() => !connection.IsConnected);
        Assert.Equal(Cause.LaneLost, Assert.Throws<StreamBrokenException>(() => connection.Open(Opening)).Cause);

        await using var again = await LaneHost.StartAsync(Acceptor.Echo, port: port);
        await connection.WaitUntilConnectedAsync().WaitAsync(TimeSpan.FromSeconds(30));
        await using var next = connection.Open(Opening);
        Assert.Equal(FrameKind.Begin, (await Next(next)).Kind);
    }

    [Fact]
    public async Task Host_Stops_StreamsMayEndFirst()
    {
        await using var host = await LaneHost.StartAsync(Acceptor.Echo);
        await using var connection = host.Connect();
        await connection.WaitUntilConnectedAsync().WaitAsync(TimeSpan.FromSeconds(30));
        await using var stream = connection.Open(Opening);
        Assert.Equal(FrameKind.Begin, (await Next(stream)).Kind);

        var stopping = host.StopAsync();
        await Eventually.HoldsAsync(() => !connection.IsConnected);
        await stream.WriteDataAsync("last"u8.ToArray(), DataFlags.Whole);
        stream.End();

        Assert.Equal("last"u8.ToArray(), (await Next(stream)).Payload.ToArray());
        Assert.Equal(FrameKind.End, (await Next(stream)).Kind);
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Host_StopsWithStreamsThatDoNotEnd_TheyAreAbortedWithTheCause()
    {
        await using var host = await LaneHost.StartAsync(Acceptor.Echo, new() { DrainTimeout = TimeSpan.FromMilliseconds(100) });
        await using var connection = host.Connect();
        await connection.WaitUntilConnectedAsync().WaitAsync(TimeSpan.FromSeconds(30));
        await using var stream = connection.Open(Opening);
        Assert.Equal(FrameKind.Begin, (await Next(stream)).Kind);

        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(Cause.ShuttingDown, (await Assert.ThrowsAsync<StreamBrokenException>(() => Next(stream))).Cause);
        Assert.True(stream.Broken.IsCancellationRequested);
    }

    [Fact]
    public async Task Open_AtAnInstance_OnlyWhereThatProcessAnswers()
    {
        await using var host = await LaneHost.StartAsync(Acceptor.Echo, new() { Instance = "kafka-cache-0" });
        await using var connection = host.Connect();
        await connection.WaitUntilConnectedAsync().WaitAsync(TimeSpan.FromSeconds(30));

        await using var stream = connection.Open(Opening, "kafka-cache-0");

        Assert.Equal(FrameKind.Begin, (await Next(stream)).Kind);
        Assert.Equal("kafka-cache-0", connection.Instance);
        Assert.Equal(Cause.LaneLost, Assert.Throws<StreamBrokenException>(() => connection.Open(Opening, "kafka-cache-1")).Cause);
    }

    [Fact]
    public async Task Connect_NobodyListens_BacksOffUntilSomebodyDoes()
    {
        var port = FreePort.Next();
        var pauses = 0;
        await using var connection = new ReplicaConnection(
            new() { Address = new($"http://127.0.0.1:{port}"), Lanes = 1, MinimumBackoff = TimeSpan.FromMilliseconds(10), MaximumBackoff = TimeSpan.FromMilliseconds(50) },
            NullLoggerFactory.Instance,
            jitter: () => Interlocked.Increment(ref pauses) * 0.0);
        await Eventually.HoldsAsync(() => pauses >= 3);
        Assert.False(connection.IsConnected);

        await using var host = await LaneHost.StartAsync(Acceptor.Echo, port: port);

        await connection.WaitUntilConnectedAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(connection.IsConnected);
    }

    private static async Task<StreamFrame> Next(FrameStream stream) => await Eventually.CompletesAsync(stream.ReadAsync().AsTask());

    private static async Task<int> ReadAllAsync(FrameStream stream, bool slow)
    {
        var next = 0;
        while (await stream.ReadAsync() is { Kind: not FrameKind.End } frame)
        {
            if (frame.Kind == FrameKind.Data)
            {
                Assert.Equal(next++, BitConverter.ToInt32(frame.Payload.Span));
                if (slow && next % 100 == 0)
                {
                    await Task.Yield();
                }
            }
        }

        return next;
    }
}
