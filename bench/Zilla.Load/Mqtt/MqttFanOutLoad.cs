using System.Diagnostics;
using Zilla.Load.Mqtt.Wire;
using Zilla.Load.Processes;
using Zilla.Load.Reporting;

namespace Zilla.Load.Mqtt;

/// <summary>
/// One publisher, many subscribers that all get every message, QoS 0. The publisher is never more than a window of messages ahead of what all subscribers
/// together have got. Measured from the first message sent to the last one delivered.
/// </summary>
internal static class MqttFanOutLoad
{
    private const int BufferSize = 16 * 1024;
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);

    public static async Task RunAsync(Arguments arguments)
    {
        var (count, messages) = (arguments.Number("subscribers", 1000), arguments.Number("messages", 1000));
        var (target, groups, timeout) = (new MqttTarget(arguments), new ProcessGroups(arguments), arguments.Seconds("timeout", 30));
        var (topic, body) = (arguments.Text("topic", "news"), arguments.Number("body", 64));
        var fanOut = new FanOut(count, (long)count * messages);
        var connections = await target.OpenAsync("subscriber", count, BufferSize, _ => topic);
        var subscribers = connections.Select(c => new MqttSubscriber(c, fanOut)).ToArray();
        Array.ForEach(subscribers, s => _ = s.RunAsync());
        var publisher = (await target.OpenAsync("publisher", 1, BufferSize))[0];
        await WarmUpAsync(publisher, topic, body, fanOut, timeout);

        var (cpu, start) = (groups.Cpu(), Stopwatch.GetTimestamp());
        fanOut.Start = start;
        await PublishAsync(publisher, topic, body, fanOut, (messages, arguments.Number("window", 64), count), timeout);
        await Task.WhenAny(fanOut.AllDelivered, Task.Delay(timeout));
        var (elapsed, after) = (Stopwatch.GetElapsedTime(start), groups.Cpu());

        var latencies = new Histogram();
        Array.ForEach(subscribers, s => latencies.Add(s.Latencies));
        Measurement.Of(
            arguments, (Measurement.Rate, fanOut.Deliveries / elapsed.TotalSeconds), (Measurement.Done, fanOut.Deliveries), (Measurement.P50, latencies.Quantile(0.5)),
            (Measurement.P99, latencies.Quantile(0.99)), (Measurement.Failed, ((long)count * messages) - fanOut.Deliveries)).With(cpu, after).Print();
        publisher.Dispose();
        Array.ForEach(connections, c => c.Dispose());
    }

    private static async Task PublishAsync(MqttConnection publisher, string topic, int body, FanOut fanOut, (int Messages, int Window, int Subscribers) run, TimeSpan timeout)
    {
        var start = Stopwatch.GetTimestamp();
        for (var sent = 0; sent < run.Messages; sent++)
        {
            while ((long)(sent - run.Window) * run.Subscribers >= fanOut.Deliveries)
            {
                if (Stopwatch.GetElapsedTime(start) > timeout)
                {
                    return;
                }

                await Task.Delay(1);
            }

            await publisher.SendAsync(MqttPackets.PublishTo(topic, 0, Payload.Of(body, Stopwatch.GetTimestamp())));
        }
    }

    /// <summary>Sends until each subscriber has had a message.</summary>
    private static async Task WarmUpAsync(MqttConnection publisher, string topic, int body, FanOut fanOut, TimeSpan timeout)
    {
        for (var start = Stopwatch.GetTimestamp(); !fanOut.AllWarm.IsCompleted; await Task.WhenAny(fanOut.AllWarm, Task.Delay(Quiet)))
        {
            if (Stopwatch.GetElapsedTime(start) > timeout)
            {
                throw new TimeoutException("Not all subscribers got a message in time.");
            }

            await publisher.SendAsync(MqttPackets.PublishTo(topic, 0, Payload.Of(body, Stopwatch.GetTimestamp())));
        }

        // What is still on its way is not to be mistaken for what is measured.
        await Task.Delay(Quiet);
    }
}
