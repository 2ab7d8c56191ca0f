using System.Buffers;
using System.Runtime.InteropServices;
using Zilla.EdgeMqtt.Delivery;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams.Kafka;
using TopicName = Zilla.Edge.Cache.TopicName;

namespace Zilla.EdgeMqtt.Publishing;

/// <summary>The topics of an mqtt-kafka binding without routes, and of each record what delivery goes by: key, filter levels, publisher and QoS.</summary>
internal sealed class DefaultTopics(TopicName messages, TopicName retained) : IMessageMapping, IMessageTopics
{
    private static readonly byte[] Filter = "zilla:filter"u8.ToArray();
    private static readonly byte[] Local = "zilla:local"u8.ToArray();
    private static readonly byte[] QoS = "zilla:qos"u8.ToArray();
    private static readonly byte[][] QoSValues = ["0"u8.ToArray(), "1"u8.ToArray(), "2"u8.ToArray()];

    public string Retained => retained.Topic;

    TopicName IMessageTopics.Retained => retained;

    public string? MessagesOf(MqttString topic) => messages.Topic;

    public IReadOnlyList<TopicName> Of(ReadOnlySpan<byte> filter) => [messages];

    public void Encode(in PublishPacket packet, ReadOnlyMemory<byte> clientId, bool tombstone, IBufferWriter<byte> destination)
    {
        var headers = new List<RecordHeader>();
        for (var rest = packet.Topic.Utf8; ;)
        {
            var slash = rest.Span.IndexOf((byte)'/');
            headers.Add(new(Filter, slash < 0 ? rest : rest[..slash]));
            if (slash < 0)
            {
                break;
            }

            rest = rest[(slash + 1)..];
        }

        headers.Add(new(Local, clientId));
        headers.Add(new(QoS, QoSValues[(int)packet.QualityOfService]));
        KafkaRecordCodec.Write(new KafkaRecordHead { Partition = -1, Offset = -1, Key = packet.Topic.Span, HasKey = true, IsTombstone = tombstone }, CollectionsMarshal.AsSpan(headers), destination);
    }
}
