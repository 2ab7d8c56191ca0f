using System.Text;
using Zilla.Load.Mqtt.Wire;

namespace Zilla.Load.Tests.Mqtt;

// The literals are after the chapters of MQTT 5.0 that the names of the packets are the titles of.
public class MqttPacketsTests
{
    [Fact]
    public void Connect_CleanStart_HasNoProperties() =>
        Assert.Equal("100F00044D51545405020258000002" + Hex("id"), Convert.ToHexString(MqttPackets.Connect("id", keepAlive: 600)));

    [Fact]
    public void Connect_SessionThatStays_SaysHowLong() =>
        Assert.Equal("101400044D51545405000000" + "05" + "1100000E10" + "0002" + Hex("id"), Convert.ToHexString(MqttPackets.Connect("id", 0, sessionExpiry: 3600)));

    [Fact]
    public void Subscribe_OneFilter_EndsWithItsQoS() =>
        Assert.Equal("82090001000003" + Hex("a/b") + "01", Convert.ToHexString(MqttPackets.Subscribe(1, "a/b", 1)));

    [Fact]
    public void PublishTo_QoS0_HasNoPacketId() => Assert.Equal("3006" + "0001" + Hex("t") + "00" + Hex("xy"), Convert.ToHexString(MqttPackets.PublishTo("t", 0, "xy"u8)));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(121, 1)]
    [InlineData(122, 2)]
    [InlineData(16_377, 2)]
    [InlineData(16_378, 3)]
    public void PacketIdOffset_BothSidesOfEachLength_IsThatOfThePacketId(int payload, int lengthBytes)
    {
        var packet = MqttPackets.PublishTo("t", 1, new byte[payload]);
        var offset = MqttPackets.PacketIdOffset("t", packet.Length);
        packet[offset + 1] = 7;

        Assert.Equal(1 + lengthBytes + 2 + 1, offset);
        Assert.True(ReceivedPacket.TryRead(packet, out var read));
        Assert.Equal((7, payload, packet.Length), (read.PacketId, read.Payload.Length, read.Length));
    }

    [Fact]
    public void WritePuback_OfSuccess_IsFourBytes()
    {
        var packet = new byte[4];
        MqttPackets.WritePuback(packet, 0x1234);

        Assert.Equal("40021234", Convert.ToHexString(packet));
    }

    private static string Hex(string text) => Convert.ToHexString(Encoding.ASCII.GetBytes(text));
}
