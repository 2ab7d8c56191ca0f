using System.Buffers;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Tests.Packets;

/// <summary>That each field of a packet is read from where it lies; that the bytes come out again is <see cref="EveryPacketTests"/>' to show.</summary>
public class PacketContentTests
{
    [Fact]
    public void Connect_WithEverything()
    {
        Assert.True(ConnectPacket.TryRead(Wire.Frame(Picture("CONNECT", 5)), out var packet, out var answerIn, out _));

        Assert.Equal((MqttVersion.V5, MqttVersion.V5, true, 10), (packet.Version, answerIn, packet.CleanStart, packet.KeepAlive));
        Assert.Equal(("cli", "u", "p"), (packet.ClientId.ToString(), packet.UserName.ToString(), Text(packet.Password!.Value)));
        Assert.Equal(((uint?)10, (ushort)20, (ushort)5), (packet.Properties.SessionExpiryInterval, packet.Properties.ReceiveMaximum, packet.Properties.TopicAliasMaximum));
        Assert.True(packet.Properties.RequestResponseInformation);
        Assert.False(packet.Properties.RequestProblemInformation);
        Assert.Null(packet.Properties.MaximumPacketSize);
        Assert.Null(packet.Properties.AuthenticationMethod);
        Assert.Null(packet.Properties.AuthenticationData);
        var will = packet.Will!;
        Assert.Equal(("will", "bye", QualityOfService.AtLeastOnce, true), (will.Topic.ToString(), Text(will.Payload), will.QualityOfService, will.Retain));
        Assert.Equal(((uint?)1, (byte?)1, (uint?)2), (will.Properties.WillDelayInterval, will.Properties.PayloadFormatIndicator, will.Properties.MessageExpiryInterval));
        Assert.Equal(("t", "r"), (will.Properties.ContentType.ToString(), will.Properties.ResponseTopic.ToString()));
    }

    [Fact]
    public void Connect_TheLeast_HasNoneOfTheRest()
    {
        Assert.True(ConnectPacket.TryRead(Wire.Frame(Picture("CONNECT, the least", 4)), out var packet, out _, out _));

        Assert.Equal((null, null, false), ((object?)packet.Will, (object?)packet.UserName, packet.Password.HasValue));
        Assert.Equal((65_535, 0, true), (packet.Properties.ReceiveMaximum, packet.Properties.TopicAliasMaximum, packet.Properties.RequestProblemInformation));
    }

    [Fact]
    public void Publish_WithEverything_LiesInTheBuffer()
    {
        var bytes = Wire.Bytes(Picture("PUBLISH, QoS 1", 5));
        Assert.True(PublishPacket.TryRead(Wire.Frame(new ReadOnlySequence<byte>(bytes)), MqttVersion.V5, MqttSender.Client, out var packet, out _));

        Assert.Equal(("a/b", 10, QualityOfService.AtLeastOnce, true, true), (packet.Topic.ToString(), packet.PacketId, packet.QualityOfService, packet.IsDuplicate, packet.Retain));
        Assert.Equal(((byte?)1, (uint?)3600, (ushort?)1), (packet.Properties.PayloadFormatIndicator, packet.Properties.MessageExpiryInterval, packet.Properties.TopicAlias));
        Assert.Equal(("r", "text"), (packet.Properties.ResponseTopic.ToString(), packet.Properties.ContentType.ToString()));
        Assert.Equal(new byte[] { 0xFF }, packet.Properties.CorrelationData!.Value.ToArray());
        var pairs = new List<string>();
        foreach (var (name, value) in packet.Properties.UserProperties)
        {
            pairs.Add($"{name}={value}");
        }

        Assert.Equal(["a=b", "a=c"], pairs);
        Assert.Equal("payload", Text(packet.Payload.ToArray()));
        bytes[^1] = (byte)'D';
        Assert.Equal("payloaD", Text(packet.Payload.ToArray()));
    }

    [Fact]
    public void Publish_ToAClient_HasAllSubscriptionIdentifiers()
    {
        Assert.True(PublishPacket.TryRead(Wire.Frame(Picture("PUBLISH, two subscription identifiers", 5)), MqttVersion.V5, MqttSender.Server, out var packet, out _));
        Assert.Equal([1u, 268_435_455u], packet.Properties.SubscriptionIdentifiers);
    }

    [Fact]
    public void Subscribe_Options()
    {
        Assert.True(SubscribePacket.TryRead(Wire.Frame(Picture("SUBSCRIBE", 5)), MqttVersion.V5, out var packet, out _));

        Assert.Equal(((ushort)10, (uint?)16_383), (packet.PacketId, packet.Properties.SubscriptionIdentifier));
        Assert.Equal(2, packet.Subscriptions.Count);
        Assert.Equal("a/#", packet.Subscriptions[0].Filter.Text.ToString());
        Assert.Equal(
            new Subscription(packet.Subscriptions[0].Filter, QualityOfService.ExactlyOnce, true, true, RetainHandling.DoNotSend),
            packet.Subscriptions[0]);
        Assert.Equal(new Subscription(packet.Subscriptions[1].Filter, QualityOfService.AtLeastOnce), packet.Subscriptions[1]);
        Assert.Equal(("g", "+"), (packet.Subscriptions[1].Filter.ShareName.ToString(), packet.Subscriptions[1].Filter.Filter.ToString()));
    }

    [Fact]
    public void AnswersOf311_SayWhatThatVersionCan()
    {
        var suback = new SubscriptionAnswerPacket { Type = PacketType.Suback, PacketId = 1, Reasons = [ReasonCode.GrantedQoS1, ReasonCode.NotAuthorized] };
        Assert.Equal(Wire.Bytes("90(0001 01 80)"), Wire.Written(w => suback.Write(w, MqttVersion.V311)));
        Assert.Equal(Wire.Bytes("90(0001 () 01 87)"), Wire.Written(w => suback.Write(w, MqttVersion.V5)));

        var refused = new ConnackPacket { Reason = ReasonCode.UnsupportedProtocolVersion };
        Assert.Equal(Wire.Bytes("20(00 01)"), Wire.Written(w => refused.Write(w, MqttVersion.V311)));
        Assert.Equal(Wire.Bytes("20(00 84 ())"), Wire.Written(w => refused.Write(w, MqttVersion.V5)));
        Assert.Throws<InvalidOperationException>(() => Wire.Written(w => new ConnackPacket { Reason = ReasonCode.PacketTooLarge }.Write(w, MqttVersion.V311)));

        var acknowledge = new AcknowledgePacket(PacketType.Puback, 1, ReasonCode.NotAuthorized);
        Assert.Equal(Wire.Bytes("40(0001)"), Wire.Written(w => acknowledge.Write(w, MqttVersion.V311)));
        Assert.Equal(Wire.Bytes("40(0001 87)"), Wire.Written(w => acknowledge.Write(w, MqttVersion.V5)));
    }

    [Fact]
    public void Builder_NumbersTextAndPairs()
    {
        var properties = new MqttPropertiesBuilder()
            .Add(PropertyId.PayloadFormatIndicator, 1)
            .Add(PropertyId.MessageExpiryInterval, 3600)
            .Add(PropertyId.TopicAlias, 1)
            .Add(PropertyId.SubscriptionIdentifier, 128)
            .Add(PropertyId.ResponseTopic, "r")
            .AddUserProperty("a", "b")
            .Build();

        Assert.Equal(Wire.Bytes("01 01 02 00000E10 23 0001 0B 8001 08 0001'r' 26 0001'a' 0001'b'"), properties.Encoded.ToArray());
        Assert.Throws<ArgumentException>(() => new MqttPropertiesBuilder().Add(PropertyId.ResponseTopic, 1));
        Assert.Throws<ArgumentException>(() => new MqttPropertiesBuilder().Add(PropertyId.TopicAlias, "1"));
        Assert.Throws<OverflowException>(() => new MqttPropertiesBuilder().Add(PropertyId.TopicAlias, 65_536));
        Assert.Throws<ArgumentException>(() => new MqttPropertiesBuilder().Add(PropertyId.ReasonString, new string('a', 65_536)));
    }

    [Fact]
    public void Publish_ReadAndWritten_AllocatesNothing()
    {
        var bytes = new ReadOnlySequence<byte>(Wire.Bytes(Picture("PUBLISH, QoS 1", 5)));
        var output = new ArrayBufferWriter<byte>(1024);
        Pass(bytes, output);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var sound = true;
        for (var i = 0; i < 100; i++)
        {
            sound &= Pass(bytes, output);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(sound);
    }

    private static bool Pass(ReadOnlySequence<byte> buffer, ArrayBufferWriter<byte> output)
    {
        output.ResetWrittenCount();
        if (FrameReader.TryRead(ref buffer, Wire.NoLimit, MqttVersion.V5, out var frame, out _) != FrameStatus.Packet
            || !PublishPacket.TryRead(frame, MqttVersion.V5, MqttSender.Client, out var packet, out _))
        {
            return false;
        }

        packet.Write(output, MqttVersion.V5);
        return packet.Properties.MessageExpiryInterval == 3600;
    }

    private static string Picture(string name, int level) => Example.All.Single(e => e.Name == name && e.Level == level).Picture;

    private static string Text(ReadOnlyMemory<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes.Span);
}
