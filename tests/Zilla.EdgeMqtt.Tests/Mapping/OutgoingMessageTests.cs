using System.Text;
using Zilla.EdgeMqtt.Delivery;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeMqtt.Tests.Mapping;

/// <summary>Records as the messages that they are.</summary>
public class OutgoingMessageTests
{
    private const long Written = 1_767_225_600_000;

    [Fact]
    public void PlainRecord_IsAMessageToItsKeyWithQoS1()
    {
        Assert.True(OutgoingMessage.TryRead(Record("a/b"u8), out var message));

        var packet = message.ToPacket(message.QualityOfService, retain: false, default);
        Assert.Equal(("a/b", QualityOfService.AtLeastOnce, false), (packet.Topic.ToString(), packet.QualityOfService, message.Expires));
        Assert.False(message.IsFrom(""u8));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1", 1)]
    [InlineData("2", 2)]
    [InlineData("3", 1)]
    [InlineData("", 1)]
    [InlineData("22", 1)]
    public void QoS_IsThatOfItsHeader_IfThatIsOne(string value, int qos)
    {
        Assert.True(OutgoingMessage.TryRead(Record("a"u8, Header("zilla:qos", Encoding.UTF8.GetBytes(value))), out var message));
        Assert.Equal((QualityOfService)qos, message.QualityOfService);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/#")]
    [InlineData("a+")]
    [InlineData("a\0b")]
    public void KeyThatIsNoTopicName_IsNoMessage(string key) => Assert.False(OutgoingMessage.TryRead(Record(Encoding.UTF8.GetBytes(key)), out _));

    [Fact]
    public void KeyThatIsNullTooLongOrNotUtf8_IsNoMessage()
    {
        Assert.False(OutgoingMessage.TryRead(Record(default, isNull: true), out _));
        Assert.False(OutgoingMessage.TryRead(Record(Encoding.UTF8.GetBytes(new string('x', 65_536))), out _));
        Assert.True(OutgoingMessage.TryRead(Record(Encoding.UTF8.GetBytes(new string('x', 65_535))), out _));
        Assert.False(OutgoingMessage.TryRead(Record([0xC3, 0x28]), out _));
    }

    [Fact]
    public void Publisher_IsThatOfItsHeader()
    {
        Assert.True(OutgoingMessage.TryRead(Record("a"u8, Header("zilla:local", "client-1"u8)), out var message));
        Assert.True(message.IsFrom("client-1"u8));
        Assert.False(message.IsFrom("client-2"u8));
    }

    [Theory]
    [InlineData(0, 60u, false)]
    [InlineData(1, 60u, false)]
    [InlineData(1000, 59u, false)]
    [InlineData(59_001, 1u, false)]
    [InlineData(60_000, 1u, true)]
    [InlineData(-5000, 65u, false)] // clocks differ
    public void Expiry_WhatIsLeftOfItIsPassedOn(int later, uint left, bool expired)
    {
        Assert.True(OutgoingMessage.TryRead(Record("a"u8, Header("zilla:expiry", [0, 0, 0, 60])), out var message));
        var now = DateTimeOffset.FromUnixTimeMilliseconds(Written + later);
        var builder = new MqttPropertiesBuilder();
        message.AddProperties(builder, now);

        Assert.Equal(expired, message.HasExpired(now));
        Assert.Equal(left, builder.Build().MessageExpiryInterval);
    }

    [Fact]
    public void Expiry_Largest_IsPassedOnAsItIs()
    {
        Assert.True(OutgoingMessage.TryRead(Record("a"u8, Header("zilla:expiry", [255, 255, 255, 255])), out var message));
        var builder = new MqttPropertiesBuilder();
        message.AddProperties(builder, DateTimeOffset.FromUnixTimeMilliseconds(Written - 5000));

        Assert.Equal(uint.MaxValue, builder.Build().MessageExpiryInterval);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0, 0, 60 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 60 })]
    public void Expiry_OfAnotherLength_IsNone(byte[] value)
    {
        Assert.True(OutgoingMessage.TryRead(Record("a"u8, Header("zilla:expiry", value)), out var message));
        Assert.False(message.Expires);
    }

    [Fact]
    public void Message_HasItsPropertiesAndNoneOfOurHeaders()
    {
        var packet = new PublishPacket
        {
            Topic = "a/b",
            QualityOfService = QualityOfService.ExactlyOnce,
            Properties = new MqttPropertiesBuilder().Add(PropertyId.ContentType, "text/plain").Add(PropertyId.ResponseTopic, "r/1").AddUserProperty("traceparent", "00-1").Build(),
        };
        Assert.True(OutgoingMessage.TryRead(Messages.Record(Messages.Encode(packet)), out var message));
        var builder = new MqttPropertiesBuilder();
        message.AddProperties(builder, DateTimeOffset.UnixEpoch);

        Assert.Equal((packet.Topic, packet.QualityOfService, packet.Properties), (message.Topic, message.QualityOfService, builder.Build()));
        Assert.True(message.IsFrom("client-1"u8));
    }

    private static RecordHeader Header(string name, ReadOnlySpan<byte> value) => new(Encoding.UTF8.GetBytes(name), value.ToArray());

    private static KafkaRecord Record(ReadOnlySpan<byte> key, params RecordHeader[] headers) => Record(key, false, headers);

    private static KafkaRecord Record(ReadOnlySpan<byte> key, bool isNull, params RecordHeader[] headers)
    {
        var head = new KafkaRecordHead { Timestamp = Written, Key = key, HasKey = !isNull };
        var encoded = KafkaRecordCodec.Encode(head, headers);
        return Messages.Record(encoded);
    }
}
