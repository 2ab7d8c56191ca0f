using System.Net;
using System.Net.Sockets;

namespace Zilla.Load.Mqtt.Wire;

/// <summary>A client's connection: whole packets out of a buffer, nothing allocated per packet. One reader, one writer.</summary>
internal sealed class MqttConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer;
    private int _start;
    private int _end;

    private MqttConnection(Socket socket, int bufferSize) => (_socket, _buffer) = (socket, new byte[bufferSize]);

    /// <summary>The server knew the session.</summary>
    public bool IsSessionPresent { get; private set; }

    /// <summary>Completes with the CONNACK.</summary>
    /// <param name="server">Where.</param>
    /// <param name="connect">The CONNECT.</param>
    /// <param name="bufferSize">In bytes: the largest packet that can be received.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The server refused or closed.</exception>
    public static async Task<MqttConnection> OpenAsync(IPEndPoint server, ReadOnlyMemory<byte> connect, int bufferSize, CancellationToken cancellationToken)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var connection = new MqttConnection(socket, bufferSize);
        try
        {
            await socket.ConnectAsync(server, cancellationToken);
            await connection.SendAsync(connect, cancellationToken);
            await connection.ExpectAsync(MqttPackets.Connack, cancellationToken);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Completes with the SUBACK.</summary>
    /// <exception cref="IOException">The server refused or closed.</exception>
    public async Task SubscribeAsync(string filter, int qos, CancellationToken cancellationToken)
    {
        await SendAsync(MqttPackets.Subscribe(1, filter, qos), cancellationToken);
        await ExpectAsync(MqttPackets.Suback, cancellationToken);
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> packets, CancellationToken cancellationToken = default)
    {
        while (!packets.IsEmpty)
        {
            packets = packets[await _socket.SendAsync(packets, cancellationToken)..];
        }
    }

    /// <summary>Waits for more bytes; false when the server has closed.</summary>
    public async ValueTask<bool> ReceiveAsync(CancellationToken cancellationToken = default)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            throw new InvalidDataException("A packet is too long.");
        }

        var count = await _socket.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += count;
        return count > 0;
    }

    /// <summary>Takes the next packet of what has been received.</summary>
    public bool TryTake(out ReceivedPacket packet)
    {
        if (!ReceivedPacket.TryRead(_buffer.AsSpan(_start.._end), out packet))
        {
            return false;
        }

        _start += packet.Length;
        return true;
    }

    /// <summary>DISCONNECT, and the server's closing, which it must do by itself when the client does not [MQTT-3.14.4-1].</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        await SendAsync(MqttPackets.Disconnect, cancellationToken);
        while (await ReceiveAsync(cancellationToken))
        {
            _start = _end;
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task ExpectAsync(byte type, CancellationToken cancellationToken)
    {
        while (!Arrived(type))
        {
            if (!await ReceiveAsync(cancellationToken))
            {
                throw new IOException("The server closed the connection.");
            }
        }
    }

    private bool Arrived(byte type)
    {
        if (!TryTake(out var packet))
        {
            return false;
        }

        IsSessionPresent |= packet.IsSessionPresent;
        return packet.Type == type && !packet.IsFailure
            ? true
            : throw new IOException($"The server answered with packet 0x{packet.Type:x2}, reason 0x{packet.Reason:x2}.");
    }
}
