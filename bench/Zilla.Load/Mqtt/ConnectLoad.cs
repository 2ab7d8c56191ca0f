using System.Diagnostics;
using System.Net.Sockets;
using Zilla.Load.Mqtt.Wire;
using Zilla.Load.Processes;
using Zilla.Load.Reporting;

namespace Zilla.Load.Mqtt;

/// <summary>
/// Clients that come and go: CONNECT, CONNACK, DISCONNECT, closed by the server; each with an id of its own. Latency is from opening the socket to the
/// CONNACK.
/// </summary>
internal static class ConnectLoad
{
    private const int BufferSize = 512;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(Arguments arguments)
    {
        var (target, groups, workers) = (new MqttTarget(arguments), new ProcessGroups(arguments), arguments.Number("clients", 32));
        uint? expiry = arguments.Find("session-expiry") is null ? null : (uint)arguments.Number("session-expiry", 0);
        await LoopAsync(target, workers, "warm", expiry, arguments.Seconds("warmup", 1));

        var (cpu, start) = (groups.Cpu(), Stopwatch.GetTimestamp());
        var (latencies, failed) = await LoopAsync(target, workers, "client", expiry, arguments.Seconds("seconds", 4));
        var (elapsed, after) = (Stopwatch.GetElapsedTime(start), groups.Cpu());
        Measurement.Of(
            arguments, (Measurement.Rate, latencies.Count / elapsed.TotalSeconds), (Measurement.Done, latencies.Count), (Measurement.P50, latencies.Quantile(0.5)),
            (Measurement.P99, latencies.Quantile(0.99)), (Measurement.Failed, failed)).With(cpu, after).Print();
    }

    private static async Task<(Histogram Latencies, long Failed)> LoopAsync(MqttTarget target, int workers, string name, uint? expiry, TimeSpan time)
    {
        var (latencies, failed, start) = (new Histogram(), 0L, Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(async () =>
        {
            var mine = new Histogram();
            for (var i = 0; Stopwatch.GetElapsedTime(start) < time; i++)
            {
                if (await OnceAsync(target, target.Connect($"{name}-{worker}-{i}", expiry)) is { } latency)
                {
                    mine.Record(latency);
                }
                else
                {
                    Interlocked.Increment(ref failed);
                }
            }

            lock (latencies)
            {
                latencies.Add(mine);
            }
        })));
        return (latencies, failed);
    }

    /// <summary>Stopwatch ticks to the CONNACK; null when the server refused, closed too early or not at all.</summary>
    public static async Task<long?> OnceAsync(MqttTarget target, byte[] connect)
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            var start = Stopwatch.GetTimestamp();
            using var connection = await MqttConnection.OpenAsync(target.Server, connect, BufferSize, limit.Token);
            var latency = Stopwatch.GetTimestamp() - start;
            await connection.CloseAsync(limit.Token);
            return latency;
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            return null;
        }
    }
}
