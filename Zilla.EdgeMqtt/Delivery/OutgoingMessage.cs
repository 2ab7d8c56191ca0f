using System.Buffers;
using System.Buffers.Binary;
using Zilla.EdgeMqtt.Mapping;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>A record as the message that it is. A view: it lives as long as the record.</summary>
internal readonly struct OutgoingMessage
{
    private const long Never = long.MaxValue;

    private readonly long _expiresAt;
    private readonly ReadOnlyMemory<byte> _publisher;

    private OutgoingMessage(in KafkaRecord record, QualityOfService qos, ReadOnlyMemory<byte> publisher, long expiresAt, bool wasRetained) =>
        (Record, QualityOfService, _publisher, _expiresAt, WasRetained) = (record, qos, publisher, expiresAt, wasRetained);

    public KafkaRecord Record { get; }

    /// <summary>As published.</summary>
    public QualityOfService QualityOfService { get; }

    /// <summary>It was published with the retain flag.</summary>
    public bool WasRetained { get; }

    public MqttString Topic => new(Record.Key);

    public bool Expires => _expiresAt != Never;

    /// <summary>False: it has no key, or one that is no topic name.</summary>
    public static bool TryRead(in KafkaRecord record, out OutgoingMessage message)
    {
        message = default;
        if (!record.HasKey || record.Key.Length > MqttString.Longest || !TopicName.IsWellFormed(record.Key.Span) || !MqttString.IsWellFormed(record.Key.Span))
        {
            return false;
        }

        // What somebody else than an MQTT client produced, without headers, is to be delivered at least once.
        var (qos, publisher, expiresAt, wasRetained) = (QualityOfService.AtLeastOnce, default(ReadOnlyMemory<byte>), Never, false);
        foreach (var header in record.Headers)
        {
            var name = header.Name.Span;
            var value = header.Value.Span;
            if (!name.StartsWith(HeaderNames.Prefix))
            {
                continue;
            }

            if (name.SequenceEqual(HeaderNames.QoS) && value is [>= (byte)'0' and <= (byte)'2'])
            {
                qos = (QualityOfService)(value[0] - '0');
            }
            else if (name.SequenceEqual(HeaderNames.Local))
            {
                publisher = header.Value;
            }
            else if (name.SequenceEqual(HeaderNames.Retain))
            {
                wasRetained = value is [(byte)'1'];
            }
            else if (name.SequenceEqual(HeaderNames.Expiry) && value.Length == 4)
            {
                expiresAt = record.Timestamp + (BinaryPrimitives.ReadUInt32BigEndian(value) * 1000L);
            }
        }

        message = new(record, qos, publisher, expiresAt, wasRetained);
        return true;
    }

    /// <summary>Whether the client of this id published it.</summary>
    public bool IsFrom(ReadOnlySpan<byte> clientId) => !_publisher.IsEmpty && _publisher.Span.SequenceEqual(clientId);

    public bool HasExpired(DateTimeOffset now) => _expiresAt <= now.ToUnixTimeMilliseconds();

    /// <summary>Adds what MQTT 5 has beside topic and payload.</summary>
    public void AddProperties(MqttPropertiesBuilder properties, DateTimeOffset now)
    {
        if (Expires)
        {
            // [MQTT-3.3.2-6] what is left of it, in seconds; not 0, which means at once.
            properties.Add(PropertyId.MessageExpiryInterval, (uint)Math.Clamp((_expiresAt - now.ToUnixTimeMilliseconds() + 999) / 1000, 1, uint.MaxValue));
        }

        MessageProperties.Add(properties, Record.Headers);
    }

    public PublishPacket ToPacket(QualityOfService qos, bool retain, MqttProperties properties) => new()
    {
        Topic = Topic,
        QualityOfService = qos,
        Retain = retain,
        Properties = properties,
        Payload = new ReadOnlySequence<byte>(Record.Value),
    };
}
