using System.Buffers;
using System.Buffers.Binary;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeMqtt.Mapping;

/// <summary>
/// Key and headers of the record that a message becomes (reference §4.3), as an encoded <c>KafkaDataEx</c>; the payload is its value. Allocates nothing.
/// </summary>
/// <remarks>
/// <code>
/// key: the topic      headers, in this order, what the message does not say left out:
/// zilla:filter (each level) │ zilla:local │ zilla:expiry │ zilla:content-type │ zilla:format │ zilla:reply-to zilla:reply-key zilla:reply-filter (each level)
/// │ zilla:correlation-id │ user properties, each by its own name │ zilla:retain │ zilla:qos
/// </code>
/// </remarks>
internal readonly ref struct MessageEncoder(IBufferWriter<byte> destination)
{
    private readonly IBufferWriter<byte> _destination = destination;

    /// <param name="packet">With its topic.</param>
    /// <param name="clientId">Of who publishes, UTF-8.</param>
    /// <param name="replyTo">The topic of Kafka for responses; empty: none is named.</param>
    /// <param name="identity">Chooses the partition in place of the key, if <paramref name="hasIdentity"/>.</param>
    /// <param name="hasIdentity">False: the key chooses.</param>
    /// <param name="tombstone">The value is null.</param>
    public void Encode(in PublishPacket packet, ReadOnlySpan<byte> clientId, ReadOnlySpan<byte> replyTo, ReadOnlySpan<byte> identity, bool hasIdentity, bool tombstone)
    {
        var head = new KafkaRecordHead
        {
            Partition = -1,
            Offset = -1,
            Key = packet.Topic.Span,
            HasKey = true,
            IsTombstone = tombstone,
            PartitionKey = identity,
            HasPartitionKey = hasIdentity,
        };
        _destination.Advance(KafkaRecordCodec.WriteHead(head, _destination.GetSpan(KafkaRecordCodec.HeadSize(head))));
        WriteLevels(HeaderNames.Filter, packet.Topic.Span);
        Write(HeaderNames.Local, clientId);
        if (!packet.Properties.IsEmpty)
        {
            WriteProperties(packet.Properties, replyTo);
        }

        if (packet.Retain)
        {
            Write(HeaderNames.Retain, "1"u8);
        }

        Write(HeaderNames.QoS, packet.QualityOfService switch
        {
            QualityOfService.AtMostOnce => "0"u8,
            QualityOfService.AtLeastOnce => "1"u8,
            _ => "2"u8,
        });
        _destination.Advance(KafkaRecordCodec.WriteTail(head, _destination.GetSpan(KafkaRecordCodec.TailSize(head))));
    }

    private void WriteProperties(MqttProperties properties, ReadOnlySpan<byte> replyTo)
    {
        if (properties.MessageExpiryInterval is { } expiry)
        {
            Span<byte> seconds = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32BigEndian(seconds, expiry);
            Write(HeaderNames.Expiry, seconds);
        }

        if (properties.ContentType is { } contentType)
        {
            Write(HeaderNames.ContentType, contentType.Span);
        }

        if (properties.PayloadFormatIndicator is { } format)
        {
            Write(HeaderNames.Format, format == 1 ? "TEXT"u8 : "BINARY"u8);
        }

        if (properties.ResponseTopic is { } response)
        {
            if (!replyTo.IsEmpty)
            {
                Write(HeaderNames.ReplyTo, replyTo);
            }

            Write(HeaderNames.ReplyKey, response.Span);
            WriteLevels(HeaderNames.ReplyFilter, response.Span);
        }

        if (properties.CorrelationData is { } correlation)
        {
            Write(HeaderNames.CorrelationId, correlation.Span);
        }

        foreach (var (name, value) in properties.UserProperties)
        {
            // Ours are not for clients to write: one could pass for another, or for a message of another topic.
            if (!name.Span.StartsWith(HeaderNames.Prefix))
            {
                Write(name.Span, value.Span);
            }
        }
    }

    private void WriteLevels(ReadOnlySpan<byte> name, ReadOnlySpan<byte> topic)
    {
        foreach (var level in topic.Split((byte)'/'))
        {
            Write(name, topic[level]);
        }
    }

    private void Write(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        _destination.Advance(KafkaRecordCodec.WriteHeader(name, value, hasValue: true, _destination.GetSpan(KafkaRecordCodec.HeaderSize(name.Length, value.Length))));
}
