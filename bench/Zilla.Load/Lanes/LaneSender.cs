using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Zilla.Load.Processes;
using Zilla.Load.Reporting;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.V1;

namespace Zilla.Load.Lanes;

/// <summary>Sends frames on one stream of one lane as fast as they go; counts what arrived.</summary>
internal static class LaneSender
{
    private const int BetweenLooksAtTheClock = 1024;

    public static async Task RunAsync(Arguments arguments)
    {
        var options = new ReplicaConnectionOptions { Address = new($"http://127.0.0.1:{arguments.Number("port", 0)}"), Lanes = 1 };
        await using var connection = new ReplicaConnection(options, NullLoggerFactory.Instance);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await connection.WaitUntilConnectedAsync(limit.Token);
        var payload = new byte[arguments.Number("body", 256)];
        await SendAsync(connection, payload, arguments.Seconds("warmup", 1));

        var groups = new ProcessGroups(arguments);
        var (cpu, allocated) = (groups.Cpu(), GC.GetTotalAllocatedBytes());
        var (frames, elapsed, theirs) = await SendAsync(connection, payload, arguments.Seconds("seconds", 3));
        var ours = GC.GetTotalAllocatedBytes() - allocated;
        Measurement.Of(
            arguments, (Measurement.Rate, frames / elapsed.TotalSeconds), (Measurement.SenderBytes, ours / (double)frames),
            (Measurement.ReceiverBytes, theirs / (double)frames)).With(cpu, groups.Cpu()).Print();
    }

    private static async Task<(long Frames, TimeSpan Elapsed, long Allocated)> SendAsync(ReplicaConnection connection, byte[] payload, TimeSpan duration)
    {
        await using var stream = connection.Open(new Begin { Kafka = new KafkaBeginEx { Topic = "frames" } });
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            for (var i = 0; i < BetweenLooksAtTheClock; i++)
            {
                await stream.WriteDataAsync(payload, DataFlags.Whole);
            }
        }

        stream.End();
        var answer = "";
        while (await stream.ReadAsync() is { Kind: not FrameKind.End } frame)
        {
            answer += frame.Kind == FrameKind.Data ? Encoding.ASCII.GetString(frame.Payload.Span) : "";
        }

        var elapsed = Stopwatch.GetElapsedTime(start);
        return answer.Split(' ') is [var frames, var allocated]
            ? (long.Parse(frames, CultureInfo.InvariantCulture), elapsed, long.Parse(allocated, CultureInfo.InvariantCulture))
            : throw new InvalidDataException("The receiver did not say what it got.");
    }
}
