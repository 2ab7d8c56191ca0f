using System.Buffers.Binary;
using System.Globalization;
using Google.Protobuf;
using Zilla.Config.Plans;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions.Records;

/// <summary>
/// What a will that the reference stored is in Kafka, by its own default route (reference §4.3): such a record says it in MQTT's words only. Wills that were stored by
/// us say what they are in Kafka.
/// </summary>
internal static class WillMapping
{
    public static MqttRecord Of(WillMessageRecord will, string clientId, SessionsPlan plan)
    {
        var record = new KafkaDataEx { Partition = -1, Offset = -1, Key = ByteString.CopyFromUtf8(will.Topic) };
        void Add(string name, ByteString value) => record.Headers.Add(new KafkaHeader { Name = name, Value = value });
        void AddText(string name, string value) => Add(name, ByteString.CopyFromUtf8(value));
        void AddLevels(string name, string topic)
        {
            foreach (var level in topic.Split('/'))
            {
                AddText(name, level);
            }
        }

        AddLevels("zilla:filter", will.Topic);
        AddText("zilla:local", clientId);
        if (will.Expiry != -1)
        {
            var seconds = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(seconds, will.Expiry);
            Add("zilla:expiry", ByteString.CopyFrom(seconds));
        }

        if (will.ContentType is not null)
        {
            AddText("zilla:content-type", will.ContentType);
        }

        if (will.Format != WillFormat.None)
        {
            AddText("zilla:format", will.Format == WillFormat.Text ? "TEXT" : "BINARY");
        }

        if (will.ResponseTopic is not null)
        {
            AddText("zilla:reply-to", plan.MessagesTopic);
            AddText("zilla:reply-key", will.ResponseTopic);
            AddLevels("zilla:reply-filter", will.ResponseTopic);
        }

        if (will.Correlation is not null)
        {
            Add("zilla:correlation-id", ByteString.CopyFrom(will.Correlation));
        }

        foreach (var (name, value) in will.Properties)
        {
            AddText(name, value ?? "");
        }

        AddText("zilla:qos", will.QoS.ToString(CultureInfo.InvariantCulture));
        return new() { Topic = plan.MessagesTopic, RetainedTopic = will.Retain ? plan.RetainedTopic : "", Record = record, Value = ByteString.CopyFrom(will.Payload) };
    }
}
