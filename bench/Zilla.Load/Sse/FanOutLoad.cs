using System.Diagnostics;
using Zilla.Load.Http;
using Zilla.Load.Processes;
using Zilla.Load.Reporting;

namespace Zilla.Load.Sse;

/// <summary>
/// Subscribers that all get every event, perhaps beside others that get none of them. Measured from the first event published to the last one
/// delivered.
/// </summary>
internal static class FanOutLoad
{
    private const int BufferSize = 64 * 1024, IdleBufferSize = 1024;

    public static async Task RunAsync(Arguments arguments)
    {
        var (count, events) = (arguments.Number("subscribers", 100), arguments.Number("events", 1000));
        var (groups, publisher) = (new ProcessGroups(arguments), new Publisher(arguments));
        var fanOut = new FanOut(count, (long)count * events);
        var timeout = arguments.Seconds("timeout", 30);
        var others = arguments.Find("others-url") is { } url
            ? await Subscribers.OpenAsync(new Target(url), i => $"{i}", arguments.Number("others", 0), new FanOut(0, 0), IdleBufferSize)
            : [];
        var subscribers = await Subscribers.OpenAsync(new Target(arguments.Text("subscribe")), _ => arguments.Text("key", "0"), count, fanOut, BufferSize);
        await WarmUpAsync(publisher, fanOut, timeout);

        var (cpu, start) = (groups.Cpu(), Stopwatch.GetTimestamp());
        fanOut.Start = start;
        var publishing = publisher.PublishAsync(events);
        await Task.WhenAny(fanOut.AllDelivered, Task.Delay(timeout));
        var (elapsed, after) = (Stopwatch.GetElapsedTime(start), groups.Cpu());
        await publishing;

        var latencies = new Histogram();
        foreach (var subscriber in subscribers)
        {
            latencies.Add(subscriber.Latencies);
        }

        var measured = Measurement.Of(
            arguments, (Measurement.Rate, fanOut.Deliveries / elapsed.TotalSeconds), (Measurement.Done, fanOut.Deliveries), (Measurement.P50, latencies.Quantile(0.5)),
            (Measurement.P99, latencies.Quantile(0.99)), (Measurement.Failed, ((long)count * events) - fanOut.Deliveries)).With(cpu, after);
        measured.With(Measurement.MicrosecondsPerEvent, measured[$"{Measurement.Cpu}edge"] * 1e6 / fanOut.Deliveries).Print();
        foreach (var subscriber in subscribers.Concat(others))
        {
            subscriber.Dispose();
        }
    }

    /// <summary>Sends events until each subscriber has had one.</summary>
    private static async Task WarmUpAsync(Publisher publisher, FanOut fanOut, TimeSpan timeout)
    {
        var deadline = Stopwatch.GetTimestamp() + (long)(timeout.TotalSeconds * Stopwatch.Frequency);
        do
        {
            await publisher.PublishAsync(20);
            await Task.WhenAny(fanOut.AllWarm, Task.Delay(500));
            if (Stopwatch.GetTimestamp() > deadline)
            {
                throw new TimeoutException("Not all subscribers got an event in time.");
            }
        }
        while (!fanOut.AllWarm.IsCompleted);

        // What is still on its way is not to be mistaken for what is measured.
        await Task.Delay(500);
    }
}
