using System.Diagnostics;
using Zilla.Load.Processes;
using Zilla.Load.Reporting;

namespace Zilla.Load;

/// <summary>
/// One publisher, many subscribers that all get every message. The publisher is never more than a window of messages ahead of what all subscribers together have got.
/// Measured from the first message sent to the last one delivered.
/// </summary>
/// <param name="arguments"><c>window</c> (64 messages) and <c>timeout</c> (30 s) among them.</param>
/// <param name="subscribers">How many.</param>
/// <param name="messages">How many.</param>
internal sealed class WindowedFanOut(Arguments arguments, int subscribers, int messages)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);

    private readonly ProcessGroups _groups = new(arguments);
    private readonly TimeSpan _timeout = arguments.Seconds("timeout", 30);
    private readonly int _window = arguments.Number("window", 64);

    /// <summary>What the subscribers count.</summary>
    public FanOut FanOut { get; } = new(subscribers, (long)subscribers * messages);

    /// <summary>Publishes, and prints what was measured.</summary>
    /// <param name="send">Sends a message with the time.</param>
    /// <param name="latencies">Of each subscriber.</param>
    public async Task RunAsync(Func<ValueTask> send, IEnumerable<Histogram> latencies)
    {
        await WarmUpAsync(send);
        var (cpu, start) = (_groups.Cpu(), Stopwatch.GetTimestamp());
        FanOut.Start = start;
        await PublishAsync(send);
        await Task.WhenAny(FanOut.AllDelivered, Task.Delay(_timeout));
        var (elapsed, after) = (Stopwatch.GetElapsedTime(start), _groups.Cpu());

        var all = new Histogram();
        foreach (var subscriber in latencies)
        {
            all.Add(subscriber);
        }

        Measurement.Of(
            arguments, (Measurement.Rate, FanOut.Deliveries / elapsed.TotalSeconds), (Measurement.Done, FanOut.Deliveries), (Measurement.P50, all.Quantile(0.5)),
            (Measurement.P99, all.Quantile(0.99)), (Measurement.Failed, ((long)subscribers * messages) - FanOut.Deliveries)).With(cpu, after).Print();
    }

    /// <summary>Sends until each subscriber has had a message.</summary>
    private async Task WarmUpAsync(Func<ValueTask> send)
    {
        for (var start = Stopwatch.GetTimestamp(); !FanOut.AllWarm.IsCompleted; await Task.WhenAny(FanOut.AllWarm, Task.Delay(Quiet)))
        {
            if (Stopwatch.GetElapsedTime(start) > _timeout)
            {
                throw new TimeoutException("Not all subscribers got a message in time.");
            }

            await send();
        }

        // What is still on its way is not to be mistaken for what is measured.
        await Task.Delay(Quiet);
    }

    private async Task PublishAsync(Func<ValueTask> send)
    {
        var start = Stopwatch.GetTimestamp();
        for (var sent = 0; sent < messages; sent++)
        {
            while ((long)(sent - _window) * subscribers >= FanOut.Deliveries)
            {
                if (Stopwatch.GetElapsedTime(start) > _timeout)
                {
                    return;
                }

                await Task.Delay(1);
            }

            await send();
        }
    }
}
