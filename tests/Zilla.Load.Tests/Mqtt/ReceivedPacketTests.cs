using Zilla.Load.Mqtt.Wire;

namespace Zilla.Load.Tests.Mqtt;

public class ReceivedPacketTests
{
    // PUBLISH, QoS 1: topic a/b, packet id 5, a property of 3 bytes (topic alias), a payload longer than one byte of length.
    private static readonly byte[] Publish = [0x32, 0x8B, 0x01, 0, 3, .. "a/b"u8, 0, 5, 3, 0x23, 0, 1, .. new byte[128]];

    [Fact]
    public void TryRead_CutAtEveryOffset_NeedsAllOfIt()
    {
        for (var cut = 0; cut < Publish.Length; cut++)
        {
            Assert.False(ReceivedPacket.TryRead(Publish.AsSpan(0, cut), out _));
        }

        Assert.True(ReceivedPacket.TryRead([.. Publish, 0xD0, 0], out var packet));
        Assert.Equal((MqttPackets.Publish, 1, 5, Publish.Length), (packet.Type, packet.QoS, packet.PacketId, packet.Length));
        Assert.Equal("a/b"u8, packet.Topic);
        Assert.Equal(128, packet.Payload.Length);
    }

    [Theory]
    [InlineData("2003000000", 0x00)]
    [InlineData("2003008700", 0x87)]
    [InlineData("40020001", 0x00)]
    [InlineData("4003000197", 0x97)]
    [InlineData("9004000100A2", 0xA2)]
    [InlineData("E000", 0x00)]
    [InlineData("E0018E", 0x8E)]
    public void Reason_OfEachAnswer_IsWhereThatPacketHasIt(string packet, byte reason)
    {
        Assert.True(ReceivedPacket.TryRead(Convert.FromHexString(packet), out var read));

        Assert.Equal((reason, reason >= 0x80), (read.Reason, read.IsFailure));
    }

    [Theory]
    [InlineData("2003010000", true)]
    [InlineData("2003000000", false)]
    [InlineData("40020101", false)]
    public void IsSessionPresent_IsOfAConnackAlone(string packet, bool expected)
    {
        Assert.True(ReceivedPacket.TryRead(Convert.FromHexString(packet), out var read));

        Assert.Equal(expected, read.IsSessionPresent);
    }

    [Fact]
    public void TryRead_LengthWithoutEnd_Throws() => Assert.Throws<InvalidDataException>(() => ReceivedPacket.TryRead("HTTP/1.1"u8.ToArray().Select(b => (byte)(b | 0x80)).ToArray(), out _));
}
