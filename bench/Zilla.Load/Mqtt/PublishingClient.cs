using System.Buffers.Binary;
using System.Diagnostics;
using Zilla.Load.Mqtt.Wire;

namespace Zilla.Load.Mqtt;

/// <summary>
/// Publishes as fast as it may: with QoS 0 as the allowance lasts, with QoS 1 also with at most a window of messages unacknowledged. What may be sent at once
/// goes out in one piece.
/// </summary>
internal sealed class PublishingClient
{
    private readonly MqttConnection _connection;
    private readonly Allowance _allowance;
    private readonly byte[] _packets;
    private readonly int _packetLength;
    private readonly int _idOffset;
    private readonly int _qos;
    private readonly long[] _sentAt;
    private readonly Stack<ushort> _freeIds;

    /// <param name="connection">Connected.</param>
    /// <param name="allowance">Of all clients.</param>
    /// <param name="topic">Where to.</param>
    /// <param name="qos">0 or 1.</param>
    /// <param name="window">QoS 1: the most messages unacknowledged. QoS 0: the most that go out in one piece.</param>
    /// <param name="bodyLength">In bytes.</param>
    public PublishingClient(MqttConnection connection, Allowance allowance, string topic, int qos, int window, int bodyLength)
    {
        (_connection, _allowance, _qos) = (connection, allowance, qos);
        var packet = MqttPackets.PublishTo(topic, qos, Payload.Of(bodyLength));
        _packetLength = packet.Length;
        _idOffset = MqttPackets.PacketIdOffset(topic, packet.Length);
        _packets = [.. Enumerable.Repeat(packet, window).SelectMany(p => p)];
        _sentAt = new long[window + 1];
        _freeIds = new(Enumerable.Range(1, window).Select(i => (ushort)i));
    }

    /// <summary>Sending to PUBACK, of what was acknowledged while <see cref="IsMeasured"/>.</summary>
    public Histogram Latencies { get; } = new();

    public bool IsMeasured { get; set; }

    public long Refused { get; private set; }

    /// <summary>Publishes until cancelled, then waits for what is not acknowledged. Sees the cancellation when the allowance is raised, at the latest.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            // Taken before the look at the allowance: a change in between is not missed.
            var changed = _allowance.WaitAsync();
            var count = _allowance.Take(_freeIds.Count);
            if (count > 0)
            {
                await _connection.SendAsync(_packets.AsMemory(0, Prepare(count)), CancellationToken.None);
            }

            if (InFlight > 0)
            {
                await TakeAcknowledgementsAsync();
            }
            else if (count == 0)
            {
                await changed;
            }
            else
            {
                // Nothing to wait for: the others' turn.
                await Task.Yield();
            }
        }

        while (InFlight > 0)
        {
            await TakeAcknowledgementsAsync();
        }
    }

    private int InFlight => _sentAt.Length - 1 - _freeIds.Count;

    /// <summary>Gives the first packets their ids; their length together.</summary>
    private int Prepare(int count)
    {
        var now = Stopwatch.GetTimestamp();
        for (var i = 0; i < count && _qos > 0; i++)
        {
            var id = _freeIds.Pop();
            _sentAt[id] = now;
            BinaryPrimitives.WriteUInt16BigEndian(_packets.AsSpan((i * _packetLength) + _idOffset), id);
        }

        return count * _packetLength;
    }

    private async ValueTask TakeAcknowledgementsAsync()
    {
        if (!await _connection.ReceiveAsync())
        {
            throw new IOException("The server closed a publisher's connection.");
        }

        var now = Stopwatch.GetTimestamp();
        while (_connection.TryTake(out var packet))
        {
            if (packet.Type != MqttPackets.Puback)
            {
                throw new IOException($"The server sent a publisher packet 0x{packet.Type:x2}, reason 0x{packet.Reason:x2}.");
            }

            _freeIds.Push(packet.PacketId);
            Refused += packet.IsFailure ? 1 : 0;
            if (IsMeasured)
            {
                Latencies.Record(now - _sentAt[packet.PacketId]);
            }
        }
    }
}
