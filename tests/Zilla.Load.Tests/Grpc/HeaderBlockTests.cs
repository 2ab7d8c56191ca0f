using Zilla.Load.Grpc.Wire;

namespace Zilla.Load.Tests.Grpc;

/// <summary>The little of HPACK (RFC 7541) that the driver writes and reads.</summary>
public class HeaderBlockTests
{
    [Fact]
    public void Request_EntersItsHeadersOnce_AndThenNamesThem()
    {
        var headers = new RequestHeaders(("a", "xy"), ("te", "trailers"));
        Assert.Equal((byte[])[0x40, 1, (byte)'a', 2, (byte)'x', (byte)'y', 0x40, 2, (byte)'t', (byte)'e', 8, .. "trailers"u8], headers.First);

        // The newest entry is the first behind the 61 that are always there.
        Assert.Equal((byte[])[0x80 | 63, 0x80 | 62], headers.Following);
    }

    [Fact]
    public void Status_IsFound_AmongOthers()
    {
        // A table of size 0, :status 200, a header with an indexed name, and grpc-status never to be indexed.
        byte[] block = [0x20, 0x88, 0x0f, 0x10, 3, (byte)'a', (byte)'/', (byte)'b', 0x10, 11, .. "grpc-status"u8, 2, (byte)'1', (byte)'4'];
        Assert.Equal(14, ResponseHeaders.FindStatus(block));
        Assert.Null(ResponseHeaders.FindStatus(block.AsSpan(0, 8)));
        for (var cut = 9; cut < block.Length; cut++)
        {
            Assert.Throws<InvalidDataException>(() => ResponseHeaders.FindStatus(block.AsSpan(0, cut)));
        }
    }

    [Theory]
    [InlineData(new byte[] { 0, 0x88, 0x9a, 0xca, 0xc8, 0xb2, 0x12, 0x34, 0xda, 0x8f, 1, (byte)'0' }, 0)]
    [InlineData(new byte[] { 0, 0x88, 0x9a, 0xca, 0xc8, 0xb2, 0x12, 0x34, 0xda, 0x8f, 0x81, 0x07 }, 0)]
    [InlineData(new byte[] { 0, 0x88, 0x9a, 0xca, 0xc8, 0xb2, 0x12, 0x34, 0xda, 0x8f, 0x81, 0x0f }, -1)]
    public void Status_InTheCodeOfHpack(byte[] block, int status) => Assert.Equal(status, ResponseHeaders.FindStatus(block));

    [Theory]
    [InlineData(new byte[] { 0x80 | 62 })]
    [InlineData(new byte[] { 0x7f, 0x00, 1, (byte)'0' })]
    [InlineData(new byte[] { 0x7f, 0xff, 0xff, 0xff, 0xff, 0x01 })]
    public void Block_ThatNeedsATable_OrIsMalformed_Throws(byte[] block) => Assert.Throws<InvalidDataException>(() => ResponseHeaders.FindStatus(block));
}
