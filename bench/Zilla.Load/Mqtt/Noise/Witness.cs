using System.Buffers.Binary;
using System.Diagnostics;
using Zilla.Load.Mqtt.Wire;

namespace Zilla.Load.Mqtt.Noise;

/// <summary>
/// A client that does nothing wrong: now and then it publishes a number with QoS 1 to a topic of its own, which it subscribes to with QoS 1. It notices when an
/// acknowledgement or a message does not come, comes late, twice or out of order, and when its connection ends.
/// </summary>
internal sealed class Witness(MqttConnection connection, string topic) : IDisposable
{
    private readonly byte[] _publish = MqttPackets.PublishTo(topic, 1, new byte[sizeof(long)]);
    private readonly byte[] _puback = new byte[4];
    private readonly Dictionary<long, long> _pending = [];
    private long _sent;
    private long _acknowledged;
    private long _received;

    /// <summary>From PUBLISH to the message that comes of it. While it runs it is the reader's.</summary>
    public Histogram Latencies { get; } = new();

    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>All that was sent has been acknowledged, and has come.</summary>
    public bool IsDone => Interlocked.Read(ref _acknowledged) == Sent && Interlocked.Read(ref _received) == Sent;

    /// <summary>What it noticed; null: nothing.</summary>
    public string? Noticed { get; private set; }

    public Task SubscribeAsync(CancellationToken cancellationToken) => connection.SubscribeAsync(topic, 1, cancellationToken);

    /// <summary>Sends the next number. One caller at a time.</summary>
    public async Task PublishAsync()
    {
        var number = Sent;
        lock (_pending)
        {
            _pending[number] = Stopwatch.GetTimestamp();
        }

        BinaryPrimitives.WriteUInt16BigEndian(_publish.AsSpan(MqttPackets.PacketIdOffset(topic, _publish.Length)), (ushort)((number % ushort.MaxValue) + 1));
        BinaryPrimitives.WriteInt64BigEndian(_publish.AsSpan(_publish.Length - sizeof(long)), number);
        Interlocked.Increment(ref _sent);
        await connection.SendAsync(_publish.ToArray());
    }

    /// <summary>Reads until it is disposed of, or notices something.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (Noticed is null && await connection.ReceiveAsync())
            {
                Take();
            }

            Noticed ??= "the server closed the connection";
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or InvalidDataException or ObjectDisposedException)
        {
            Noticed ??= e.Message;
        }
    }

    public void Dispose() => connection.Dispose();

    private void Take()
    {
        while (Noticed is null && connection.TryTake(out var packet))
        {
            switch (packet.Type)
            {
                case MqttPackets.Puback when !packet.IsFailure:
                    Interlocked.Increment(ref _acknowledged);
                    break;
                case MqttPackets.Publish:
                    Take(packet);
                    break;
                default:
                    Noticed = $"the server sent packet 0x{packet.Type:x2}, reason 0x{packet.Reason:x2}";
                    break;
            }
        }
    }

    private void Take(in ReceivedPacket packet)
    {
        var number = BinaryPrimitives.ReadInt64BigEndian(packet.Payload);
        if (number != _received)
        {
            Noticed = $"message {number} came where {_received} was to come";
            return;
        }

        lock (_pending)
        {
            _pending.Remove(number, out var since);
            Latencies.Record(Stopwatch.GetTimestamp() - since);
        }

        Interlocked.Increment(ref _received);
        MqttPackets.WritePuback(_puback, packet.PacketId);
        _ = connection.SendAsync(_puback.ToArray()).AsTask();
    }
}
