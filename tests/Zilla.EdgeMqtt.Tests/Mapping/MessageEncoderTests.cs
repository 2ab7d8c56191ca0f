using System.Text;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Tests.Packets;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Tests.Mapping;

public class MessageEncoderTests
{
    [Fact]
    public void Publish_SaysNothingMore_IsTheseBytes()
    {
        var encoded = Messages.Encode(new PublishPacket { Topic = "a/b", QualityOfService = QualityOfService.AtLeastOnce });

        var expected = Wire.Bytes(
            "08 01  10 01" +                                    // partition -1, offset -1
            "22 ('a/b')" +                                      // key
            "32 (0A ('zilla:filter') 12 ('a'))" +
            "32 (0A ('zilla:filter') 12 ('b'))" +
            "32 (0A ('zilla:local') 12 ('client-1'))" +
            "32 (0A ('zilla:qos') 12 ('1'))");
        Assert.Equal(expected, encoded);
    }

    [Fact]
    public void Publish_SaysAllThereIs_HeadersAreInTheOrderOfTheReference()
    {
        var packet = new PublishPacket
        {
            Topic = "sensors/17/state",
            QualityOfService = QualityOfService.ExactlyOnce,
            Properties = new MqttPropertiesBuilder()
                .AddUserProperty("first", "1")
                .Add(PropertyId.CorrelationData, new byte[] { 0, 1, 255 })
                .Add(PropertyId.ResponseTopic, "replies//client-1")
                .Add(PropertyId.ContentType, "application/json")
                .Add(PropertyId.MessageExpiryInterval, 3600)
                .Add(PropertyId.PayloadFormatIndicator, 1)
                .Add(PropertyId.TopicAlias, 3)
                .AddUserProperty("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
                .AddUserProperty("first", "2")
                .Build(),
        };

        Assert.Equal(
            [
                "zilla:filter=sensors", "zilla:filter=17", "zilla:filter=state", "zilla:local=client-1", "zilla:expiry=0x00000E10", "zilla:content-type=application/json",
                "zilla:format=TEXT", "zilla:reply-to=mqtt-messages", "zilla:reply-key=replies//client-1", "zilla:reply-filter=replies", "zilla:reply-filter=",
                "zilla:reply-filter=client-1", "zilla:correlation-id=0x0001FF", "first=1", "traceparent=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "first=2",
                "zilla:qos=2",
            ],
            Messages.Headers(Messages.Encode(packet)));
    }

    [Theory]
    [InlineData(QualityOfService.AtMostOnce, "zilla:qos=0")]
    [InlineData(QualityOfService.AtLeastOnce, "zilla:qos=1")]
    [InlineData(QualityOfService.ExactlyOnce, "zilla:qos=2")]
    public void QoS_IsTheLastHeader(object qos, string header) =>
        Assert.Equal(header, Messages.Headers(Messages.Encode(new PublishPacket { Topic = "a", QualityOfService = (QualityOfService)qos }))[^1]);

    [Fact]
    public void Retain_IsSaidWhenThePacketSaysIt() => Assert.Equal(
        ["zilla:filter=a", "zilla:local=client-1", "zilla:retain=1", "zilla:qos=0"], Messages.Headers(Messages.Encode(new PublishPacket { Topic = "a", Retain = true })));

    [Theory]
    [InlineData("/", new[] { "", "" })]
    [InlineData("a", new[] { "a" })]
    [InlineData("a//b/", new[] { "a", "", "b", "" })]
    [InlineData("größe/m²", new[] { "größe", "m²" })]
    public void EveryLevel_EmptyOnesToo_IsAFilterHeader(string topic, string[] levels) =>
        Assert.Equal(levels.Select(level => $"zilla:filter={level}"), Messages.Headers(Messages.Encode(new PublishPacket { Topic = topic })).Where(h => h.StartsWith("zilla:filter", StringComparison.Ordinal)));

    [Fact]
    public void Format_Binary_IsSaidWhenThePacketSaysIt() =>
        Assert.Contains("zilla:format=BINARY", Encoded(new MqttPropertiesBuilder().Add(PropertyId.PayloadFormatIndicator, 0)));

    [Fact]
    public void Expiry_LargestThereIs_Fits() =>
        Assert.Contains("zilla:expiry=" + Encoding.UTF8.GetString([255, 255, 255, 255]), Encoded(new MqttPropertiesBuilder().Add(PropertyId.MessageExpiryInterval, uint.MaxValue)));

    [Fact]
    public void UserPropertyWithANameOfOurs_IsLeftOut() => Assert.Equal(
        ["zilla:filter=a", "zilla:local=client-1", "own=1", "zilla:qos=0"],
        Encoded(new MqttPropertiesBuilder().AddUserProperty("zilla:local", "somebody else").AddUserProperty("own", "1").AddUserProperty("zilla:filter", "b")));

    [Fact]
    public void Retained_WithoutPayload_IsATombstone()
    {
        Assert.True(Messages.Record(Messages.Encode(new PublishPacket { Topic = "a" }, tombstone: true)).IsTombstone);
        Assert.False(Messages.Record(Messages.Encode(new PublishPacket { Topic = "a" })).IsTombstone);
    }

    [Theory]
    [InlineData("place/client-7/x/y", "client-7")]
    [InlineData("place/client-7", "client-7")]
    [InlineData("site/3/unit-9", "unit-9")]
    [InlineData("elsewhere/client-7", null)]
    [InlineData("place", null)]
    public void Clients_TopicMatches_IdentityChoosesThePartitionAndTheKeyStays(string topic, string? identity)
    {
        var record = Messages.Record(Messages.Encode(new PublishPacket { Topic = topic }, Messages.Mapping(["place/{identity}/#", "site/+/{identity}"])));

        Assert.Equal(topic, Encoding.UTF8.GetString(record.Key.Span));
        Assert.Equal(identity, record.HasPartitionKey ? Encoding.UTF8.GetString(record.PartitionKey.Span) : null);
    }

    [Fact]
    public void ReplyTo_IsTheTopicThatTheResponseGoesTo()
    {
        var mapping = Messages.Mapping(null, Messages.Route("replies-of-${params.id}", publish: ["replies/{id}"]));
        string[] To(string response) =>
            [.. Messages.Headers(Messages.Encode(new PublishPacket { Topic = "a", Properties = new MqttPropertiesBuilder().Add(PropertyId.ResponseTopic, response).Build() }, mapping))
                .Where(h => h.StartsWith("zilla:reply-to", StringComparison.Ordinal))];

        Assert.Equal(["zilla:reply-to=replies-of-7"], To("replies/7"));
        Assert.Equal(["zilla:reply-to=mqtt-messages"], To("elsewhere"));
        Assert.Empty(To("replies/no topic of Kafka"));
    }

    [Fact]
    public void Encoded_IsWhatTheGeneratedCodeReadsAndWrites()
    {
        var encoded = Messages.Encode(
            new PublishPacket { Topic = "place/x/y", Properties = new MqttPropertiesBuilder().AddUserProperty("", "").Add(PropertyId.MessageExpiryInterval, 1).Build() },
            Messages.Mapping(["place/{identity}/#"]));

        Assert.Equal(encoded, Google.Protobuf.MessageExtensions.ToByteArray(KafkaDataEx.Parser.ParseFrom(encoded)));
    }

    private static string[] Encoded(MqttPropertiesBuilder properties) => Messages.Headers(Messages.Encode(new PublishPacket { Topic = "a", Properties = properties.Build() }));
}
