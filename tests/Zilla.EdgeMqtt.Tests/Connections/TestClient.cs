using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Tests.Packets;

namespace Zilla.EdgeMqtt.Tests.Connections;

/// <summary>A client that sends what bytes it likes, and reads packets.</summary>
internal sealed class TestClient(Stream stream, MqttVersion version) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ArrayBufferWriter<byte> _received = new();
    private int _read;

    public MqttVersion Version => version;

    public static async Task<TestClient> OpenAsync(int port, MqttVersion version = MqttVersion.V5)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        return new TestClient(new NetworkStream(socket, ownsSocket: true), version);
    }

    /// <summary>Connected, with CONNACK read.</summary>
    public static async Task<TestClient> ConnectAsync(int port, MqttVersion version = MqttVersion.V5, string clientId = "client", Func<ConnectPacket, ConnectPacket>? change = null)
    {
        var client = await OpenAsync(port, version);
        var connack = await client.HelloAsync(clientId, change);
        Assert.Equal(ReasonCode.Success, connack.Reason);
        return client;
    }

    public async Task<ConnackPacket> HelloAsync(string clientId = "client", Func<ConnectPacket, ConnectPacket>? change = null)
    {
        var packet = new ConnectPacket { Version = version, ClientId = clientId, CleanStart = true };
        await SendAsync((change?.Invoke(packet) ?? packet).Write);
        return await ReadAsync<ConnackPacket>();
    }

    public Task SendAsync(Action<IBufferWriter<byte>> write) => SendAsync(Wire.Written(write));

    public Task SendAsync(string picture) => SendAsync(Wire.Bytes(picture));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await stream.WriteAsync(bytes);

    public Task PublishAsync(string topic, string payload, int qos = 0, ushort id = 0, bool retain = false, MqttProperties properties = default, bool duplicate = false) => SendAsync(
        w => new PublishPacket
        {
            Topic = topic,
            Payload = new(System.Text.Encoding.UTF8.GetBytes(payload)),
            QualityOfService = (QualityOfService)qos,
            PacketId = id,
            Retain = retain,
            Properties = properties,
            IsDuplicate = duplicate,
        }.Write(w, version));

    /// <summary>Subscribes, and gives the reasons of SUBACK.</summary>
    public async Task<IReadOnlyList<ReasonCode>> SubscribeAsync(params Subscription[] subscriptions)
    {
        await SendAsync(w => new SubscribePacket { PacketId = 9, Subscriptions = subscriptions }.Write(w, version));
        return (await ReadAsync<SubscriptionAnswerPacket>()).Reasons;
    }

    /// <summary>The next packet, which is one of that kind.</summary>
    public async Task<T> ReadAsync<T>()
    {
        var frame = await ReadFrameAsync() ?? throw new EndOfStreamException($"The connection has ended instead of a {typeof(T).Name}.");
        return Read<T>(frame);
    }

    /// <summary>PUBACK, PUBREC …: its type, packet id and reason.</summary>
    public async Task<(PacketType, int, ReasonCode)> AckAsync()
    {
        var ack = await ReadAsync<AcknowledgePacket>();
        return (ack.Type, ack.PacketId, ack.Reason);
    }

    /// <summary>Pings, and reads the answer: all that was sent before has been handled in order.</summary>
    public async Task PingAsync()
    {
        await SendAsync(PingPacket.WriteRequest);
        var frame = await ReadFrameAsync();
        Assert.Equal(PacketType.Pingresp, frame?.Type);
    }

    /// <summary>The reason of DISCONNECT, behind which nothing comes; null: the connection ends without one.</summary>
    public async Task<ReasonCode?> EndAsync()
    {
        if (await ReadFrameAsync() is not { } frame)
        {
            return null;
        }

        var disconnect = Read<ReasonPacket>(frame);
        Assert.Equal(PacketType.Disconnect, disconnect.Type);
        Assert.Null(await ReadFrameAsync());
        return disconnect.Reason;
    }

    /// <summary>Null: the connection has ended.</summary>
    public async Task<MqttFrame?> ReadFrameAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (true)
        {
            var rest = new ReadOnlySequence<byte>(_received.WrittenMemory[_read..]);
            var length = rest.Length;
            switch (FrameReader.TryRead(ref rest, Wire.NoLimit, version, out var frame, out var error))
            {
                case FrameStatus.Packet:
                    _read += (int)(length - rest.Length);
                    return frame;
                case FrameStatus.Malformed:
                    throw new InvalidDataException(error.Cause);
            }

            try
            {
                var read = await stream.ReadAsync(_received.GetMemory(4096), deadline.Token);
                if (read == 0)
                {
                    return null;
                }

                _received.Advance(read);
            }
            catch (Exception e) when (e is IOException or System.Net.WebSockets.WebSocketException)
            {
                return null;
            }
        }
    }

    public async ValueTask DisposeAsync() => await stream.DisposeAsync();

    private T Read<T>(MqttFrame frame)
    {
        MqttError error = default;
        object? packet = default(T) switch
        {
            ConnackPacket => ConnackPacket.TryRead(frame, version, out var connack, out error) ? connack : null,
            AcknowledgePacket => AcknowledgePacket.TryRead(frame, version, out var acknowledge, out error) ? acknowledge : null,
            PublishPacket => PublishPacket.TryRead(frame, version, MqttSender.Server, out var publish, out error) ? publish : null,
            ReasonPacket => ReasonPacket.TryRead(frame, version, MqttSender.Server, out var reason, out error) ? reason : null,
            _ => SubscriptionAnswerPacket.TryRead(frame, version, out var answer, out error) ? answer : null,
        };
        return (T)(packet ?? throw new InvalidDataException($"{frame.Type}: {error.Cause}"));
    }
}
