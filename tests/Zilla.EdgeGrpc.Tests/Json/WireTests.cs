using Google.Protobuf;
using Zilla.EdgeGrpc.Json;

namespace Zilla.EdgeGrpc.Tests.Json;

/// <summary>Fields as they stand on the wire, as protobuf's own library writes them.</summary>
public sealed class WireTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(16_383)]
    [InlineData(16_384)]
    [InlineData(2_097_152)]
    public void Length_OfWhatIsWrittenInPlace_StandsBeforeIt(int length)
    {
        var (writer, bytes) = (new WireWriter(), new byte[length]);
        Array.Fill(bytes, (byte)7);
        writer.WriteTag(2, WireFormat.WireType.LengthDelimited);
        var outer = writer.Begin();
        writer.WriteTag(3, WireFormat.WireType.LengthDelimited);
        var inner = writer.Begin();
        writer.WriteRaw(bytes);
        writer.End(inner);
        writer.End(outer);
        writer.WriteVarint(1);

        using var expected = new MemoryStream();
        using (var output = new CodedOutputStream(expected, leaveOpen: true))
        {
            output.WriteTag(2, WireFormat.WireType.LengthDelimited);
            output.WriteLength(1 + CodedOutputStream.ComputeLengthSize(length) + length);
            output.WriteTag(3, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(bytes));
            output.WriteUInt64(1);
        }

        Assert.Equal(expected.ToArray(), writer.ToArray());
    }

    [Theory]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 0x00 })]
    [InlineData(new byte[] { 0x0E })]
    [InlineData(new byte[] { 0x0C })]
    [InlineData(new byte[] { 0x0A, 1 })]
    [InlineData(new byte[] { 0x0D, 1, 2, 3 })]
    [InlineData(new byte[] { 0x09, 1, 2, 3, 4, 5, 6, 7 })]
    [InlineData(new byte[] { 0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1 })]
    [InlineData(new byte[] { 0x0A, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1 })]
    [InlineData(new byte[] { 0x88, 0x80, 0x80, 0x80, 0x80, 1, 0 })]
    public void WhatIsNoMessage_IsRefused(byte[] bytes) => Assert.Throws<InvalidDataException>(() => new WireFields(bytes));
}
