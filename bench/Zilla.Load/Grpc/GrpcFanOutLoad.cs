using System.Diagnostics;
using Confluent.Kafka;

namespace Zilla.Load.Grpc;

/// <summary>Clients that all follow one topic, each over a connection of its own, and a publisher that writes straight into Kafka.</summary>
internal static class GrpcFanOutLoad
{
    private const int BufferSize = 32 * 1024;

    public static async Task RunAsync(Arguments arguments)
    {
        var count = arguments.Number("subscribers", 500);
        var (target, body, topic) = (new CallTarget(arguments), arguments.Number("body", 256), arguments.Text("kafka-topic"));
        var run = new WindowedFanOut(arguments, count, arguments.Number("messages", 1000));
        using var publisher = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = arguments.Text("kafka"), Acks = Acks.Leader, LingerMs = 1 }).Build();
        var connections = await target.OpenAsync(count, BufferSize);
        var subscribers = connections.Select(c => new GrpcSubscriber(c, run.FanOut)).ToArray();
        Array.ForEach(subscribers, s => _ = s.RunAsync(target.Headers));
        await run.RunAsync(Send, subscribers.Select(s => s.Latencies));
        Array.ForEach(connections, c => c.Dispose());

        ValueTask Send()
        {
            publisher.Produce(topic, new() { Value = ItemMessage.Of(body, Stopwatch.GetTimestamp()) });
            return default;
        }
    }
}
