using System.Diagnostics;
using Zilla.Load.Mqtt.Wire;

namespace Zilla.Load.Mqtt;

/// <summary>One client that publishes, many that all get every message, QoS 0.</summary>
internal static class MqttFanOutLoad
{
    private const int BufferSize = 16 * 1024;

    public static async Task RunAsync(Arguments arguments)
    {
        var count = arguments.Number("subscribers", 1000);
        var (target, body, topic) = (new MqttTarget(arguments), arguments.Number("body", 64), arguments.Text("topic", "news"));
        var run = new WindowedFanOut(arguments, count, arguments.Number("messages", 1000));
        var connections = await target.OpenAsync("subscriber", count, BufferSize, _ => topic);
        var subscribers = connections.Select(c => new MqttSubscriber(c, run.FanOut)).ToArray();
        Array.ForEach(subscribers, s => _ = s.RunAsync());
        using var publisher = (await target.OpenAsync("publisher", 1, BufferSize))[0];
        await run.RunAsync(async () => await publisher.SendAsync(MqttPackets.PublishTo(topic, 0, Payload.Of(body, Stopwatch.GetTimestamp()))), subscribers.Select(s => s.Latencies));
        Array.ForEach(connections, c => c.Dispose());
    }
}
