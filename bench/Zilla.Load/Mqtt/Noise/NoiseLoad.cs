using System.Diagnostics;
using Zilla.Load.Processes;
using Zilla.Load.Reporting;

namespace Zilla.Load.Mqtt.Noise;

/// <summary>
/// Connections that send what is malformed, at a rate, while clients that do nothing wrong publish and are sent what they publish. Failed is how many of these
/// noticed anything; latency is from their PUBLISH to the message that comes of it, beside what it is before the noise.
/// </summary>
internal static class NoiseLoad
{
    private const int BufferSize = 512;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(Arguments arguments)
    {
        var (target, groups) = (new MqttTarget(arguments), new ProcessGroups(arguments));
        var (rate, seconds, interval) = (arguments.Number("rate", 1000), arguments.Seconds("seconds", 60), arguments.Seconds("interval", 2));
        var witnesses = await OpenAsync(target, arguments.Number("clients", 1000));
        var reading = witnesses.Select(witness => witness.RunAsync()).ToArray();
        using var stopping = new CancellationTokenSource();
        var publishing = PublishAsync(witnesses, interval, stopping.Token);

        await Task.Delay(interval * 2);
        var (before, memory, files) = (Stopwatch.GetTimestamp(), groups.ResidentBytes(), groups.OpenFiles());
        var noise = new NoisyConnections(target.Server, new Malformed(arguments.Number("seed", 5)));
        await noise.RunAsync(rate, seconds);
        var elapsed = Stopwatch.GetElapsedTime(before);

        await stopping.CancelAsync();
        await publishing;
        await WaitAsync(() => Array.TrueForAll(witnesses, witness => witness.IsDone || witness.Noticed is not null));
        await WaitAsync(() => groups.OpenFiles() <= files);
        var latencies = new Histogram();
        Array.ForEach(witnesses, witness => latencies.Add(witness.Latencies));
        foreach (var noticed in witnesses.Select(w => w.Noticed ?? (w.IsDone ? null : "not all came back")).OfType<string>().GroupBy(text => text))
        {
            await Console.Error.WriteLineAsync($"{noticed.Count()} clients: {noticed.Key}");
        }

        Measurement.Of(
            arguments, (Measurement.Rate, noise.Opened / elapsed.TotalSeconds), (Measurement.Done, noise.Opened), ("closed", noise.Ended), (Measurement.P50, latencies.Quantile(0.5)),
            (Measurement.P99, latencies.Quantile(0.99)), ("messages", latencies.Count), (Measurement.Failed, noise.Refused + witnesses.Count(w => w.Noticed is not null || !w.IsDone)),
            (Measurement.Bytes, groups.ResidentBytes() - memory), ("files", groups.OpenFiles() - files)).Print();
        Array.ForEach(witnesses, witness => witness.Dispose());
        await Task.WhenAll(reading);
    }

    private static async Task<Witness[]> OpenAsync(MqttTarget target, int count)
    {
        using var limit = new CancellationTokenSource(Limit);
        var connections = await target.OpenAsync("witness", count, BufferSize);
        var witnesses = connections.Select((connection, i) => new Witness(connection, $"witness/{i}")).ToArray();
        await Parallel.ForEachAsync(witnesses, new ParallelOptions { MaxDegreeOfParallelism = MqttTarget.AtOnce, CancellationToken = limit.Token }, async (witness, cancellation) => await witness.SubscribeAsync(cancellation));
        return witnesses;
    }

    /// <summary>Each once in an interval, one after the other.</summary>
    private static async Task PublishAsync(Witness[] witnesses, TimeSpan interval, CancellationToken stop)
    {
        var start = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        try
        {
            for (var next = 0L; await timer.WaitForNextTickAsync(stop);)
            {
                for (var due = (long)(Stopwatch.GetElapsedTime(start) / interval * witnesses.Length); next < due; next++)
                {
                    var witness = witnesses[next % witnesses.Length];
                    await (witness.Noticed is null ? witness.PublishAsync() : Task.CompletedTask);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            // Enough; or a witness says what it noticed.
        }
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        for (var start = Stopwatch.GetTimestamp(); !condition() && Stopwatch.GetElapsedTime(start) < Patience;)
        {
            await Task.Delay(100);
        }
    }
}
