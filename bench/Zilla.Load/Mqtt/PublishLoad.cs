using System.Diagnostics;
using Zilla.Load.Mqtt.Wire;
using Zilla.Load.Processes;
using Zilla.Load.Reporting;

namespace Zilla.Load.Mqtt;

/// <summary>Many publishers into one Kafka topic: what counts is what arrived there, whoever brought it. Latency is from PUBLISH to PUBACK.</summary>
internal static class PublishLoad
{
    private const int BufferSize = 16 * 1024;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(Arguments arguments)
    {
        var (qos, allowance, groups) = (arguments.Number("qos", 0), new Allowance(), new ProcessGroups(arguments));
        using var topic = new KafkaTopic(arguments.Text("kafka"), arguments.Text("kafka-topic"));
        var arrivals = new Arrivals(topic, allowance, arguments.Number("backlog", 32 * 1024));
        var connections = await new MqttTarget(arguments).OpenAsync("publisher", arguments.Number("clients", 64), BufferSize);
        var clients = Clients(arguments, connections, allowance, qos);
        using var publishing = new CancellationTokenSource();
        using var counting = new CancellationTokenSource();
        var counter = arrivals.RunAsync(await topic.CountAsync(), counting.Token);
        var running = clients.Select(c => Task.Run(() => c.RunAsync(publishing.Token))).Append(counter).ToArray();

        await PassAsync(arguments.Seconds("warmup", 2), running);
        var (cpu, first, start) = (groups.Cpu(), await topic.CountAsync(), Stopwatch.GetTimestamp());
        Array.ForEach(clients, c => c.IsMeasured = true);
        await PassAsync(arguments.Seconds("seconds", 5), running);
        Array.ForEach(clients, c => c.IsMeasured = false);
        var (last, elapsed, after) = (await topic.CountAsync(), Stopwatch.GetElapsedTime(start), groups.Cpu());

        await publishing.CancelAsync();
        await Task.WhenAll(running[..^1]).WaitAsync(Limit);
        await arrivals.DrainAsync();
        await counting.CancelAsync();
        await counter;
        var latencies = new Histogram();
        Array.ForEach(clients, c => latencies.Add(c.Latencies));
        var measured = Measurement.Of(
            arguments, (Measurement.Rate, (last - first) / elapsed.TotalSeconds), (Measurement.Done, last - first),
            (Measurement.Failed, arrivals.Missing + clients.Sum(c => c.Refused))).With(cpu, after);
        (qos == 0 ? measured : measured.With(Measurement.P50, latencies.Quantile(0.5)).With(Measurement.P99, latencies.Quantile(0.99))).Print();
        Array.ForEach(connections, c => c.Dispose());
    }

    private static PublishingClient[] Clients(Arguments arguments, MqttConnection[] connections, Allowance allowance, int qos)
    {
        var (topic, window, body) = (arguments.Text("topic", "bench"), arguments.Number("window", 16), arguments.Number("body", 64));
        return [.. connections.Select((c, i) => new PublishingClient(c, allowance, $"{topic}/{i}", qos, window, body))];
    }

    /// <summary>Lets some time pass, or finds that something went wrong: none of the tasks ends by itself.</summary>
    private static async Task PassAsync(TimeSpan time, Task[] running) => await await Task.WhenAny([Task.Delay(time), .. running]);
}
