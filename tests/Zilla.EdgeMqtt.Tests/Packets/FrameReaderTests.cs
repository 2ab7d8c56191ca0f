using System.Buffers;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Tests.Packets;

public class FrameReaderTests
{
    [Theory]
    [InlineData("C0 8000", 0, FrameStatus.Packet)]              // 3.1.1 does not ask for the shortest form
    [InlineData("C0 8000", 4, FrameStatus.Packet)]
    [InlineData("C0 8000", 5, FrameStatus.Malformed)]           // [MQTT-1.5.5-1]
    [InlineData("C0 80808080", 4, FrameStatus.Malformed)]       // 2.1.4: at most four bytes
    [InlineData("30 FFFFFF", 5, FrameStatus.NeedsMore)]
    [InlineData("00 00", 5, FrameStatus.Malformed)]             // 2.1.2: type 0
    [InlineData("00", 5, FrameStatus.Malformed)]
    [InlineData("F0 00", 4, FrameStatus.Malformed)]             // 3.1.1 2.2.1: type 15
    [InlineData("F0 00", 5, FrameStatus.Packet)]
    [InlineData("", 5, FrameStatus.NeedsMore)]
    public void TryRead_FixedHeader(string picture, int level, object expected)
    {
        for (var segment = 1; segment <= 5; segment++)
        {
            var buffer = Wire.Segmented(Wire.Bytes(picture), segment);
            Assert.Equal((FrameStatus)expected, FrameReader.TryRead(ref buffer, Wire.NoLimit, level == 0 ? null : (MqttVersion)level, out _, out var error));
            Assert.Equal((FrameStatus)expected == FrameStatus.Malformed ? ReasonCode.MalformedPacket : default, error.Reason);
        }
    }

    [Theory]
    [InlineData("30 7F", 128, FrameStatus.Malformed)]           // 129 bytes
    [InlineData("30 7F", 129, FrameStatus.NeedsMore)]
    [InlineData("30 8001", 130, FrameStatus.Malformed)]         // 131 bytes
    [InlineData("30 8001", 131, FrameStatus.NeedsMore)]
    [InlineData("30 FFFFFF7F", 268_435_459, FrameStatus.Malformed)]
    [InlineData("30 FFFFFF7F", 268_435_460, FrameStatus.NeedsMore)]
    public void TryRead_GreaterThanTheMaximum_IsRefusedByItsLengthAlone(string picture, long maximum, object expected)
    {
        var buffer = new ReadOnlySequence<byte>(Wire.Bytes(picture));

        Assert.Equal((FrameStatus)expected, FrameReader.TryRead(ref buffer, maximum, MqttVersion.V5, out _, out var error));
        Assert.Equal((FrameStatus)expected == FrameStatus.Malformed ? ReasonCode.PacketTooLarge : default, error.Reason);
    }

    [Fact]
    public void TryRead_TwoPackets_OneAfterTheOther()
    {
        var buffer = new ReadOnlySequence<byte>(Wire.Bytes("C0() 30(0001't''p') D0"));

        Assert.Equal(FrameStatus.Packet, FrameReader.TryRead(ref buffer, Wire.NoLimit, MqttVersion.V5, out var first, out _));
        Assert.Equal(FrameStatus.Packet, FrameReader.TryRead(ref buffer, Wire.NoLimit, MqttVersion.V5, out var second, out _));
        Assert.Equal(FrameStatus.NeedsMore, FrameReader.TryRead(ref buffer, Wire.NoLimit, MqttVersion.V5, out _, out _));

        Assert.Equal((PacketType.Pingreq, 0L), (first.Type, first.Body.Length));
        Assert.Equal((PacketType.Publish, 4L), (second.Type, second.Body.Length));
        Assert.Equal(1, buffer.Length);
    }

    [Theory]
    [InlineData(0u, "00")]
    [InlineData(127u, "7F")]
    [InlineData(128u, "8001")]
    [InlineData(16_383u, "FF7F")]
    [InlineData(16_384u, "808001")]
    [InlineData(2_097_151u, "FFFF7F")]
    [InlineData(2_097_152u, "80808001")]
    [InlineData(268_435_455u, "FFFFFF7F")]
    public void VariableByteInteger_OfTable1_1(uint value, string picture)
    {
        var destination = new byte[4];
        var written = VariableByteInteger.Write(value, destination);

        Assert.Equal(Wire.Bytes(picture), destination[..written]);
        Assert.Equal(written, VariableByteInteger.Size(value));
        Assert.Equal(written, VariableByteInteger.Read(destination, out var read));
        Assert.Equal(value, read);
    }

    [Fact]
    public void VariableByteInteger_TooGreat_IsNotWritten() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => VariableByteInteger.Write(268_435_456, new byte[5]));
}
