using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.Suite.Tests.Mqtt.Faults;

/// <summary>Subscribes once, and keeps what it is sent; of QoS 2 a packet id is new again after its PUBREL.</summary>
internal sealed class Subscriber(MqttSuite suite, string id, QualityOfService qos, string filter, int edge = 0, Func<ConnectPacket, ConnectPacket>? change = null,
    MqttVersion version = MqttVersion.V5)
    : MqttClient(suite, id, edge, change, version)
{
    private readonly HashSet<ushort> _taken = [];
    private readonly ConcurrentQueue<string> _received = new();

    /// <summary>SUBACK has come.</summary>
    public bool IsSubscribed { get; private set; }

    /// <summary>Payloads, in the order they came.</summary>
    public IReadOnlyCollection<string> Received => _received;

    public QualityOfService QoS => qos;

    /// <summary>Takes messages without a word, so that they stay unsettled.</summary>
    public bool IsSilent { get; set; }

    protected override void OnConnected(bool sessionPresent)
    {
        if (!sessionPresent)
        {
            Assert.True(TopicFilter.TryParse(filter, Version, out var parsed));
            Send(new SubscribePacket { PacketId = 1, Subscriptions = [new(parsed, qos)] }, (packet, w) => packet.Write(w, Version));
        }
    }

    protected override void OnPacket(MqttFrame frame)
    {
        switch (frame.Type)
        {
            case PacketType.Suback:
                IsSubscribed = SubscriptionAnswerPacket.TryRead(frame, Version, out var answer, out _) && answer.Reasons[0] <= ReasonCode.GrantedQoS2;
                break;
            case PacketType.Publish when PublishPacket.TryRead(frame, Version, MqttSender.Server, out var message, out _):
                OnPublish(message);
                break;
            case PacketType.Pubrel when AcknowledgePacket.TryRead(frame, Version, out var release, out _):
                _taken.Remove(release.PacketId);
                Answer(PacketType.Pubcomp, release.PacketId);
                break;
        }
    }

    private void OnPublish(PublishPacket message)
    {
        if (message.QualityOfService != QualityOfService.ExactlyOnce || _taken.Add(message.PacketId))
        {
            _received.Enqueue(Encoding.UTF8.GetString(message.Payload.ToArray()));
        }

        if (message.QualityOfService != QualityOfService.AtMostOnce && !IsSilent)
        {
            Answer(message.QualityOfService == QualityOfService.AtLeastOnce ? PacketType.Puback : PacketType.Pubrec, message.PacketId);
        }
    }

    private void Answer(PacketType type, ushort id) => Send(new AcknowledgePacket(type, id), (packet, w) => packet.Write(w, Version));

    private void Send<T>(T packet, Action<T, IBufferWriter<byte>> write) => Send(w => write(packet, w));
}
