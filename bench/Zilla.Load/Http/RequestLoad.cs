using System.Diagnostics;
using Zilla.Load.Processes;
using Zilla.Load.Reporting;

namespace Zilla.Load.Http;

/// <summary>A closed loop: each connection sends its next request when the last one is answered.</summary>
internal static class RequestLoad
{
    private const int Seed = 1;

    public static async Task RunAsync(Arguments arguments)
    {
        var requests = Requests(arguments);
        var target = new Target(arguments.Text("url"));
        var groups = new ProcessGroups(arguments);
        var state = new Shared();
        var connections = await OpenAsync(target, arguments.Number("connections", 64));
        var workers = connections.Select((c, i) => Task.Run(() => WorkAsync(c, requests, state, new Random(Seed + i)))).ToArray();

        await Task.Delay(arguments.Seconds("warmup", 2));
        var (cpu, start) = (groups.Cpu(), Stopwatch.GetTimestamp());
        state.Phase = Phase.Measured;
        await Task.WhenAny(Task.Delay(arguments.Seconds("seconds", 5)), Task.WhenAny(workers));
        state.Phase = Phase.Over;
        var (elapsed, after) = (Stopwatch.GetElapsedTime(start), groups.Cpu());

        var (latencies, failed) = (new Histogram(), 0L);
        foreach (var worker in workers)
        {
            var (latency, failures) = await worker;
            latencies.Add(latency);
            failed += failures;
        }

        Measurement.Of(
            arguments, (Measurement.Rate, latencies.Count / elapsed.TotalSeconds), (Measurement.Done, latencies.Count), (Measurement.P50, latencies.Quantile(0.5)),
            (Measurement.P99, latencies.Quantile(0.99)), (Measurement.Failed, failed)).With(cpu, after).Print();
    }

    /// <summary>Sends every key's request once.</summary>
    public static async Task FillAsync(Arguments arguments)
    {
        var requests = Requests(arguments);
        var connections = await OpenAsync(new Target(arguments.Text("url")), arguments.Number("connections", 64));
        var next = -1;
        await Task.WhenAll(connections.Select(async connection =>
        {
            using (connection)
            {
                for (var i = Interlocked.Increment(ref next); i < requests.Length; i = Interlocked.Increment(ref next))
                {
                    if (await connection.SendAsync(requests[i], CancellationToken.None) is var status and (< 200 or > 299))
                    {
                        throw new IOException($"A request was answered with {status}.");
                    }
                }
            }
        }));
    }

    private static async Task<(Histogram Latencies, long Failed)> WorkAsync(HttpConnection connection, byte[][] requests, Shared state, Random random)
    {
        using var _ = connection;
        var (latencies, failed) = (new Histogram(), 0L);
        while (state.Phase != Phase.Over)
        {
            var start = Stopwatch.GetTimestamp();
            var status = await connection.SendAsync(requests[random.Next(requests.Length)], CancellationToken.None);
            if (state.Phase == Phase.Measured)
            {
                latencies.Record(Stopwatch.GetTimestamp() - start);
                failed += status is >= 200 and <= 299 ? 0 : 1;
            }
        }

        return (latencies, failed);
    }

    private static async Task<HttpConnection[]> OpenAsync(Target target, int count)
    {
        var connections = new HttpConnection[count];
        for (var i = 0; i < count; i++)
        {
            connections[i] = await HttpConnection.OpenAsync(target, CancellationToken.None);
        }

        return connections;
    }

    /// <summary>A request for each key, made before anything is measured.</summary>
    private static byte[][] Requests(Arguments arguments)
    {
        var (target, method) = (new Target(arguments.Text("url")), arguments.Text("method", "GET"));
        var body = method == "GET" ? [] : Payload.Of(arguments.Number("body", 256));
        return [.. Enumerable.Range(0, arguments.Number("keys", 1000)).Select(key => (byte[])[.. target.Request(method, $"{key}", body.Length), .. body])];
    }

    private enum Phase
    {
        WarmUp,
        Measured,
        Over,
    }

    private sealed class Shared
    {
        public volatile Phase Phase;
    }
}
