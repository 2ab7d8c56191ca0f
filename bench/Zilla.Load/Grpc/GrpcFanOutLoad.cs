using System.Diagnostics;
using Confluent.Kafka;
using Zilla.Load.Processes;
using Zilla.Load.Reporting;

namespace Zilla.Load.Grpc;

/// <summary>
/// Clients that all follow one topic, each over a connection of its own, and a publisher that writes straight into Kafka, never more than a window of messages ahead of what all clients together have got.
/// Measured from the first message sent to the last one delivered.
/// </summary>
internal static class GrpcFanOutLoad
{
    private const int BufferSize = 32 * 1024;
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);

    public static async Task RunAsync(Arguments arguments)
    {
        var (count, messages) = (arguments.Number("subscribers", 500), arguments.Number("messages", 1000));
        var (target, groups, timeout) = (new CallTarget(arguments), new ProcessGroups(arguments), arguments.Seconds("timeout", 30));
        var publisher = new Publisher(arguments);
        var fanOut = new FanOut(count, (long)count * messages);
        var connections = await target.OpenAsync(count, BufferSize);
        var subscribers = connections.Select(c => new GrpcSubscriber(c, fanOut)).ToArray();
        Array.ForEach(subscribers, s => _ = s.RunAsync(target.Headers));
        await WarmUpAsync(publisher, fanOut, timeout);

        var (cpu, start) = (groups.Cpu(), Stopwatch.GetTimestamp());
        fanOut.Start = start;
        await publisher.RunAsync(messages, count, fanOut, timeout);
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

    /// <summary>Sends until each subscriber has had a message.</summary>
    private static async Task WarmUpAsync(Publisher publisher, FanOut fanOut, TimeSpan timeout)
    {
        for (var start = Stopwatch.GetTimestamp(); !fanOut.AllWarm.IsCompleted; await Task.WhenAny(fanOut.AllWarm, Task.Delay(Quiet)))
        {
            if (Stopwatch.GetElapsedTime(start) > timeout)
            {
                throw new TimeoutException("Not all subscribers got a message in time.");
            }

            publisher.Send();
        }

        // What is still on its way is not to be mistaken for what is measured.
        await Task.Delay(Quiet);
    }

    private sealed class Publisher(Arguments arguments) : IDisposable
    {
        private readonly IProducer<Null, byte[]> _producer =
            new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = arguments.Text("kafka"), Acks = Acks.Leader, LingerMs = 1 }).Build();

        private readonly string _topic = arguments.Text("kafka-topic");
        private readonly int _body = arguments.Number("body", 256);
        private readonly int _window = arguments.Number("window", 64);

        public void Send() => _producer.Produce(_topic, new() { Value = ItemMessage.Of(_body, Stopwatch.GetTimestamp()) });

        public async Task RunAsync(int messages, int subscribers, FanOut fanOut, TimeSpan timeout)
        {
            var start = Stopwatch.GetTimestamp();
            for (var sent = 0; sent < messages; sent++)
            {
                while ((long)(sent - _window) * subscribers >= fanOut.Deliveries)
                {
                    if (Stopwatch.GetElapsedTime(start) > timeout)
                    {
                        return;
                    }

                    await Task.Delay(1);
                }

                Send();
            }
        }

        public void Dispose() => _producer.Dispose();
    }
}
