using System.Diagnostics;
using Zilla.Load.Processes;
using Zilla.Load.Reporting;

namespace Zilla.Load.Grpc;

/// <summary>A closed loop of unary calls of one method, over some connections with some calls under way on each.</summary>
internal static class CallLoad
{
    private const int BufferSize = 32 * 1024;

    public static async Task RunAsync(Arguments arguments)
    {
        var (target, groups) = (new CallTarget(arguments), new ProcessGroups(arguments));
        var message = ItemMessage.Of(arguments.Number("body", 256));
        var phase = new Phases();
        var connections = await target.OpenAsync(arguments.Number("connections", 16), BufferSize);
        var clients = connections.Select(c => new CallingClient(c, target.Headers, message, arguments.Number("window", 4))).ToArray();
        var workers = clients.Select(c => Task.Run(() => c.RunAsync(() => phase.Counts, () => phase.IsOver))).ToArray();

        await Task.WhenAny(Task.Delay(arguments.Seconds("warmup", 2)), Task.WhenAny(workers));
        var (cpu, start) = (groups.Cpu(), Stopwatch.GetTimestamp());
        phase.Counts = true;
        await Task.WhenAny(Task.Delay(arguments.Seconds("seconds", 5)), Task.WhenAny(workers));
        phase.Counts = false;
        var (elapsed, after) = (Stopwatch.GetElapsedTime(start), groups.Cpu());
        phase.IsOver = true;
        await Task.WhenAll(workers);

        var latencies = new Histogram();
        Array.ForEach(clients, c => latencies.Add(c.Latencies));
        Measurement.Of(
            arguments, (Measurement.Rate, latencies.Count / elapsed.TotalSeconds), (Measurement.Done, latencies.Count), (Measurement.P50, latencies.Quantile(0.5)),
            (Measurement.P99, latencies.Quantile(0.99)), (Measurement.Failed, clients.Sum(c => c.Failed))).With(cpu, after).Print();
        Array.ForEach(connections, c => c.Dispose());
    }

    private sealed class Phases
    {
        private volatile bool _counts, _isOver;

        public bool Counts
        {
            get => _counts;
            set => _counts = value;
        }

        public bool IsOver
        {
            get => _isOver;
            set => _isOver = value;
        }
    }
}
