using System.Buffers;
using System.Text;
using Zilla.EdgeMqtt.Delivery;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Tests.Delivery;

/// <summary>The way out of a connection, as far as its buffer; decodes what goes there as a client would.</summary>
internal sealed class FakeOutput : IPacketOutput
{
    private readonly Lock _gate = new();
    private readonly List<Sent> _sent = [];
    private TaskCompletionSource _room = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _places = int.MaxValue;

    public MqttVersion Version { get; init; } = MqttVersion.V5;

    public ushort ReceiveMaximum { get; init; } = ushort.MaxValue;

    public ushort TopicAliasMaximum { get; init; }

    public uint MaximumPacketSize { get; init; } = uint.MaxValue;

    public MqttError? Disconnected { get; private set; }

    /// <summary>Called with every packet, on the thread that sends it.</summary>
    public Action<Sent> Received { get; set; } = _ => { };

    /// <summary>How many more packets find room.</summary>
    public int Places
    {
        set
        {
            lock (_gate)
            {
                _places = value;
                _room.TrySetResult();
            }
        }
    }

    public IReadOnlyList<Sent> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _sent];
            }
        }
    }

    public IReadOnlyList<Sent> Publishes => [.. All.Where(s => s.Type == PacketType.Publish)];

    public IEnumerable<string> Payloads => Publishes.Select(p => p.Payload);

    public bool TryPublish(in PublishPacket packet)
    {
        var encoded = new ArrayBufferWriter<byte>();
        packet.Write(encoded, Version);
        return TryPublish(encoded.WrittenMemory);
    }

    public bool TryPublish(ReadOnlyMemory<byte> encoded)
    {
        Sent sent;
        lock (_gate)
        {
            if (_places == 0)
            {
                return false;
            }

            _places -= _places == int.MaxValue ? 0 : 1;
            sent = Decode(encoded);
            _sent.Add(sent);
        }

        Received(sent);
        return true;
    }

    public void Write(in AcknowledgePacket packet)
    {
        var sent = new Sent(packet.Type) { PacketId = packet.PacketId, Reason = packet.Reason };
        lock (_gate)
        {
            _sent.Add(sent);
        }

        Received(sent);
    }

    public async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        Task room;
        lock (_gate)
        {
            if (_places > 0)
            {
                return;
            }

            _room = _room.Task.IsCompleted ? new(TaskCreationOptions.RunContinuationsAsynchronously) : _room;
            room = _room.Task;
        }

        await room.WaitAsync(cancellationToken);
    }

    public void Disconnect(MqttError error) => Disconnected = error;

    private Sent Decode(ReadOnlyMemory<byte> encoded)
    {
        var buffer = new ReadOnlySequence<byte>(encoded.ToArray());
        Assert.Equal(FrameStatus.Packet, FrameReader.TryRead(ref buffer, int.MaxValue, Version, out var frame, out _));
        Assert.True(PublishPacket.TryRead(frame, Version, MqttSender.Server, out var packet, out var error), error.Cause);
        return new(PacketType.Publish)
        {
            PacketId = packet.PacketId,
            Topic = packet.Topic.ToString(),
            Payload = Encoding.UTF8.GetString(packet.Payload),
            QualityOfService = packet.QualityOfService,
            Retain = packet.Retain,
            IsDuplicate = packet.IsDuplicate,
            Expiry = packet.Properties.MessageExpiryInterval,
            Identifiers = [.. packet.Properties.SubscriptionIdentifiers.Order()],
        };
    }
}

internal sealed record Sent(PacketType Type)
{
    public ushort PacketId { get; init; }
    public ReasonCode Reason { get; init; }
    public string Topic { get; init; } = "";
    public string Payload { get; init; } = "";
    public QualityOfService QualityOfService { get; init; }
    public bool Retain { get; init; }
    public bool IsDuplicate { get; init; }
    public uint? Expiry { get; init; }
    public IReadOnlyList<uint> Identifiers { get; init; } = [];
}
