using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Connections;

/// <summary>How long a connection may still do without what it waits for: its first packet, the next one, room for what it is sent, its end. For any thread.</summary>
/// <param name="time">The clock.</param>
/// <param name="options">How long what may take.</param>
internal sealed class ConnectionTimes(TimeProvider time, MqttEdgeOptions options)
{
    /// <summary>An interval and a half may pass between packets [MQTT-3.1.2-22].</summary>
    private const double KeepAliveFactor = 1.5;

    private long _lastPacket = time.GetTimestamp();
    private long _endedSince;
    private volatile bool _isReading = true;

    /// <summary>Nothing is read any more.</summary>
    public bool HasEnded => Volatile.Read(ref _endedSince) != 0;

    /// <summary>Until CONNECT has to be there.</summary>
    public TimeSpan LeftToConnect => options.ConnectTimeout - time.GetElapsedTime(Volatile.Read(ref _lastPacket));

    /// <summary>Until the client has to have taken its last bytes.</summary>
    public TimeSpan LeftToGo => options.GoodbyeTimeout - time.GetElapsedTime(Volatile.Read(ref _endedSince));

    /// <summary>A packet has come.</summary>
    public void Heard() => Volatile.Write(ref _lastPacket, time.GetTimestamp());

    /// <summary>While the client waits for us it cannot be heard.</summary>
    public void Listen(bool isReading) => _isReading = isReading;

    public void End() => Interlocked.CompareExchange(ref _endedSince, Math.Max(1, time.GetTimestamp()), 0);

    /// <summary>Of a connected client: how long until this is to be asked again; zero or less: there is nothing to wait for.</summary>
    /// <param name="client">Who it is.</param>
    /// <param name="output">What it is sent.</param>
    /// <param name="over">Which of its times is over; null: none.</param>
    public TimeSpan Left(Client client, PacketOutput output, out MqttError? over)
    {
        over = null;
        var next = TimeSpan.MaxValue;
        if (client.Expires is { } expires)
        {
            next = expires - time.GetUtcNow();
            if (next <= TimeSpan.Zero)
            {
                over = new(ReasonCode.MaximumConnectTime, "the credentials of the connection have expired");
                return next;
            }
        }

        if (client.KeepAlive > 0)
        {
            var allowed = TimeSpan.FromSeconds(client.KeepAlive * KeepAliveFactor);
            var left = _isReading ? allowed - time.GetElapsedTime(Volatile.Read(ref _lastPacket)) : allowed;
            if (left <= TimeSpan.Zero)
            {
                over = new(ReasonCode.KeepAliveTimeout, "no packet within one and a half times the keep alive (MQTT-3.1.2-22)");
                return left;
            }

            next = left < next ? left : next;
        }

        var blocked = output.BlockedFor(time);
        if (blocked >= options.SlowClientTimeout)
        {
            over = new(ReasonCode.QuotaExceeded, "what waits for the client is more than may, for longer than it may");
            return TimeSpan.Zero;
        }

        var patience = options.SlowClientTimeout - blocked;
        return blocked > TimeSpan.Zero && patience < next ? patience : next == TimeSpan.MaxValue ? TimeSpan.Zero : next;
    }
}
