using Zilla.EdgeMqtt.Packets;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeMqtt.Mapping;

/// <summary>What a record's headers say of the message that it is (reference §4.3), as properties of MQTT 5; allocates nothing.</summary>
internal static class MessageProperties
{
    /// <summary>
    /// Adds content type, format, response topic and correlation data, and all headers whose names are not ours as user properties. What cannot be a property (too long,
    /// no UTF-8, a second one where there may be one, no topic name) is passed over: a client would have to close the connection. The expiry is not added: how much is
    /// left of it depends on the time.
    /// </summary>
    public static void Add(MqttPropertiesBuilder properties, RecordHeaders headers)
    {
        var seen = 0UL;
        foreach (var header in headers)
        {
            if (!header.Name.Span.StartsWith(HeaderNames.Prefix))
            {
                if (IsText(header.Name) && IsText(header.Value))
                {
                    properties.AddUserProperty(new(header.Name), new(header.Value));
                }
            }
            else if (IsProperty(header, out var id) && (seen & (1UL << (int)id)) == 0)
            {
                seen |= 1UL << (int)id;
                Add(properties, id, header.Value);
            }
        }
    }

    private static bool IsProperty(in RecordHeader header, out PropertyId id)
    {
        var name = header.Name.Span;
        var value = header.Value.Span;
        id = name.SequenceEqual(HeaderNames.ContentType) ? PropertyId.ContentType
            : name.SequenceEqual(HeaderNames.Format) ? PropertyId.PayloadFormatIndicator
            : name.SequenceEqual(HeaderNames.ReplyKey) ? PropertyId.ResponseTopic
            : name.SequenceEqual(HeaderNames.CorrelationId) ? PropertyId.CorrelationData
            : default;
        return header.HasValue && id switch
        {
            PropertyId.ContentType => IsText(header.Value),
            PropertyId.PayloadFormatIndicator => value.SequenceEqual("TEXT"u8) || value.SequenceEqual("BINARY"u8),
            PropertyId.ResponseTopic => IsText(header.Value) && TopicName.IsWellFormed(value),
            PropertyId.CorrelationData => value.Length <= MqttString.Longest,
            _ => false,
        };
    }

    private static void Add(MqttPropertiesBuilder properties, PropertyId id, ReadOnlyMemory<byte> value)
    {
        if (id == PropertyId.PayloadFormatIndicator)
        {
            properties.Add(id, value.Span is [(byte)'T', ..] ? 1U : 0U);
        }
        else
        {
            properties.Add(id, value);
        }
    }

    private static bool IsText(ReadOnlyMemory<byte> utf8) => utf8.Length <= MqttString.Longest && MqttString.IsWellFormed(utf8.Span);
}
