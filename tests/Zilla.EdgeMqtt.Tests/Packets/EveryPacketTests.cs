using System.Buffers;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Tests.Fuzz;

namespace Zilla.EdgeMqtt.Tests.Packets;

/// <summary>What holds for each packet alike.</summary>
public class EveryPacketTests
{
    [Theory]
    [MemberData(nameof(Example.Each), MemberType = typeof(Example))]
    public void Write_WhatWasRead_IsTheSameBytes(Example example)
    {
        var written = PacketFuzz.Rewrite(Wire.Frame(example.Picture, example.Version), example.Version, example.Sender, out var error);

        Assert.Equal(default, error);
        Assert.Equal(example.Bytes, written);
    }

    [Theory]
    [MemberData(nameof(Example.Each), MemberType = typeof(Example))]
    public void TryRead_InSegmentsOfAnySize_IsTheSame(Example example)
    {
        for (var size = 1; size <= example.Bytes.Length; size++)
        {
            var frame = Wire.Frame(Wire.Segmented(example.Bytes, size), example.Version);
            Assert.Equal(example.Bytes, PacketFuzz.Rewrite(frame, example.Version, example.Sender, out _));
        }
    }

    [Theory]
    [MemberData(nameof(Example.Each), MemberType = typeof(Example))]
    public void FrameReader_CutAnywhere_NeedsMoreAndTakesNothing(Example example)
    {
        for (var cut = 0; cut < example.Bytes.Length; cut++)
        {
            var buffer = new ReadOnlySequence<byte>(example.Bytes, 0, cut);
            Assert.Equal(FrameStatus.NeedsMore, FrameReader.TryRead(ref buffer, Wire.NoLimit, example.Version, out _, out _));
            Assert.Equal(cut, buffer.Length);
        }
    }

    /// <summary>A body that ends too early, in a packet that says so: no decoder reads on, and but for what is optional at the end it is malformed.</summary>
    [Theory]
    [MemberData(nameof(Example.Each), MemberType = typeof(Example))]
    public void TryRead_BodyCutAnywhere_IsRefusedOrASmallerPacket(Example example)
    {
        var whole = Wire.Frame(example.Picture, example.Version);
        for (var cut = 0; cut < whole.Body.Length; cut++)
        {
            var frame = whole with { Body = whole.Body.Slice(0, cut) };
            var written = PacketFuzz.Rewrite(frame, example.Version, example.Sender, out var error);
            if (written is null)
            {
                Assert.True(error.Reason is ReasonCode.MalformedPacket or ReasonCode.ProtocolError, error.ToString());
            }
            else
            {
                Assert.InRange(written.Length, 2, cut + 2);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Example.Each), MemberType = typeof(Example))]
    public void TryRead_AByteTooMany_MalformedUnlessItIsContent(Example example)
    {
        var whole = Wire.Frame(example.Picture, example.Version);
        var frame = whole with { Body = new([.. whole.Body.ToArray(), 0x00]) };

        var written = PacketFuzz.Rewrite(frame, example.Version, example.Sender, out var error);

        // The payload of a PUBLISH is whatever is left, and so are the reason codes of SUBACK and UNSUBACK; packets that may end early go on.
        var isContent = whole.Type is PacketType.Publish || (whole.Type is PacketType.Suback or PacketType.Unsuback && written is not null);
        var mayGoOn = example.Level == 5 && written is not null && whole.Body.Length <= 3;
        Assert.True(isContent || mayGoOn || (written is null && error.Reason >= ReasonCode.MalformedPacket), $"{error}");
    }

    /// <summary>[MQTT-2.1.3-1], in MQTT 3.1.1 [MQTT-2.2.2-2].</summary>
    [Theory]
    [MemberData(nameof(Example.Each), MemberType = typeof(Example))]
    public void FrameReader_ReservedFlags_Malformed(Example example)
    {
        for (var flags = 0; flags < 16; flags++)
        {
            var bytes = example.Bytes;
            var isRight = flags == (bytes[0] & 0x0F) || bytes[0] >> 4 == (int)PacketType.Publish;
            bytes[0] = (byte)((bytes[0] & 0xF0) | flags);
            var buffer = new ReadOnlySequence<byte>(bytes);
            Assert.Equal(isRight ? FrameStatus.Packet : FrameStatus.Malformed, FrameReader.TryRead(ref buffer, Wire.NoLimit, example.Version, out _, out var error));
            Assert.Equal(isRight ? default : ReasonCode.MalformedPacket, error.Reason);
        }
    }

    [Fact]
    public void TryRead_BytesBehindThePacket_AreNotTouched()
    {
        foreach (var example in Example.All)
        {
            var buffer = new ReadOnlySequence<byte>([.. example.Bytes, 0xFF, 0xEE]);
            Assert.Equal(FrameStatus.Packet, FrameReader.TryRead(ref buffer, Wire.NoLimit, example.Version, out var frame, out _));
            Assert.Equal(example.Bytes, PacketFuzz.Rewrite(frame, example.Version, example.Sender, out _));
            Assert.Equal(new byte[] { 0xFF, 0xEE }, buffer.ToArray());
        }
    }
}
