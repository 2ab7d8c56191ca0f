using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.Suite.Tests.Mqtt.Faults;

/// <summary>One connection of a client, packet by packet. Sends from any thread, reads on one.</summary>
internal sealed class MqttSocket(MqttVersion version) : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Lock _sending = new();
    private byte[] _received = [];

    public static async Task<MqttSocket> OpenAsync(int port, CancellationToken cancellationToken, MqttVersion version = MqttVersion.V5)
    {
        var socket = new MqttSocket(version);
        try
        {
            await socket._socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection, and returns when it is let in.</summary>
    public static async Task<MqttSocket> ConnectAsync(int port, ConnectPacket connect, CancellationToken cancellationToken)
    {
        var socket = await OpenAsync(port, cancellationToken, connect.Version);
        try
        {
            socket.Send(connect.Write);
            Assert.True(ConnackPacket.TryRead(await socket.NextAsync(PacketType.Connack, cancellationToken), connect.Version, out var answer, out _));
            Assert.Equal(ReasonCode.Success, answer.Reason);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Publishes, and returns when it has all the answers that there are for its quality of service.</summary>
    public async Task PublishAsync(PublishPacket message, CancellationToken cancellationToken)
    {
        Send(w => message.Write(w, version));
        switch (message.QualityOfService)
        {
            case QualityOfService.AtLeastOnce:
                await NextAsync(PacketType.Puback, cancellationToken);
                break;
            case QualityOfService.ExactlyOnce:
                await NextAsync(PacketType.Pubrec, cancellationToken);
                Send(w => new AcknowledgePacket(PacketType.Pubrel, message.PacketId).Write(w, version));
                await NextAsync(PacketType.Pubcomp, cancellationToken);
                break;
        }
    }

    /// <summary>Packets are small: the socket's buffer takes them.</summary>
    /// <exception cref="SocketException">The connection is lost.</exception>
    public void Send(Action<IBufferWriter<byte>> write)
    {
        var packet = new ArrayBufferWriter<byte>();
        write(packet);
        lock (_sending)
        {
            _socket.Send(packet.WrittenSpan);
        }
    }

    /// <summary>The next packet, in memory of its own; null: the connection has ended.</summary>
    /// <exception cref="SocketException">The connection is lost.</exception>
    public async Task<MqttFrame?> ReadAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        while (true)
        {
            var rest = new ReadOnlySequence<byte>(_received);
            switch (FrameReader.TryRead(ref rest, long.MaxValue, version, out var frame, out var error))
            {
                case FrameStatus.Packet:
                    _received = rest.ToArray();
                    return frame;
                case FrameStatus.Malformed:
                    throw new InvalidDataException(error.Cause);
            }

            var read = await _socket.ReceiveAsync(buffer, cancellationToken);
            if (read == 0)
            {
                return null;
            }

            _received = [.. _received, .. buffer.AsSpan(0, read)];
        }
    }

    /// <summary>The next packet of a type; those of others before it are passed over.</summary>
    public async Task<MqttFrame> NextAsync(PacketType type, CancellationToken cancellationToken)
    {
        while (true)
        {
            var frame = await ReadAsync(cancellationToken) ?? throw new EndOfStreamException($"The connection ended instead of a {type}.");
            if (frame.Type == type)
            {
                return frame;
            }

            Assert.NotEqual(PacketType.Disconnect, frame.Type);
        }
    }

    public void Dispose() => _socket.Dispose();
}
