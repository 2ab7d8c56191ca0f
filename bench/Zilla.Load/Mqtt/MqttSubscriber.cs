using System.Diagnostics;
using System.Net.Sockets;
using Zilla.Load.Mqtt.Wire;

namespace Zilla.Load.Mqtt;

/// <summary>Counts the messages that a subscribed connection gets with QoS 0, and how long each took from its publisher to here.</summary>
internal sealed class MqttSubscriber(MqttConnection connection, FanOut fanOut)
{
    private readonly Deliveries _deliveries = new(fanOut);

    public Histogram Latencies => _deliveries.Latencies;

    /// <summary>Ends when the connection is disposed of or the server closes; an early end shows as messages that are missing.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (await connection.ReceiveAsync())
            {
                var now = Stopwatch.GetTimestamp();
                while (connection.TryTake(out var packet))
                {
                    if (packet.Type == MqttPackets.Publish && Payload.TryReadTime(packet.Payload, out var time))
                    {
                        _deliveries.Count(time, now);
                    }
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed by us at the end.
        }
    }
}
