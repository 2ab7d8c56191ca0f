using System.Buffers;
using System.Text;
using Zilla.Config.Bindings;
using Zilla.EdgeMqtt.Mapping;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeMqtt.Tests.Mapping;

/// <summary>Records of messages, for the tests.</summary>
internal static class Messages
{
    public static MessageMapping Mapping(string[]? clients = null, params MqttKafkaRoute[] routes) => new("cluster", new MqttKafkaBinding
    {
        Name = "mapping",
        Topics = new() { Sessions = "mqtt-sessions", Messages = "mqtt-messages", Retained = "mqtt-retained" },
        Clients = clients ?? [],
        Routes = routes,
    });

    public static MqttKafkaRoute Route(string messages, string[]? publish = null, string[]? subscribe = null) =>
        new() { Exit = "cache", Messages = messages, When = publish is null && subscribe is null ? [] : [new() { Publish = publish ?? [], Subscribe = subscribe ?? [] }] };

    public static byte[] Encode(PublishPacket packet, MessageMapping? mapping = null, bool tombstone = false)
    {
        var destination = new ArrayBufferWriter<byte>();
        (mapping ?? Mapping()).Encode(packet, "client-1"u8.ToArray(), tombstone, destination);
        return destination.WrittenSpan.ToArray();
    }

    public static KafkaRecord Record(byte[] encoded)
    {
        Assert.True(KafkaRecordCodec.TryRead(encoded, default, out var record));
        return record;
    }

    /// <summary>"name=value", bytes that are no text in hexadecimal digits.</summary>
    public static string[] Headers(byte[] encoded)
    {
        var headers = new List<string>();
        foreach (var header in Record(encoded).Headers)
        {
            var value = header.Value.Span;
            headers.Add($"{Encoding.UTF8.GetString(header.Name.Span)}={(value.ContainsAnyInRange((byte)0, (byte)31) ? "0x" + Convert.ToHexString(value) : Encoding.UTF8.GetString(value))}");
        }

        return [.. headers];
    }
}
