using System.Text;
using Zilla.Load.Http;

namespace Zilla.Load.Tests.Http;

public class ResponseHeadTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n", 200, 12, false)]
    [InlineData("HTTP/1.1 404 Not Found\r\nDate: today\r\ncontent-length:0\r\n\r\n", 404, 0, false)]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", 204, 0, false)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200, -1, true)]
    public void TryRead_CutAtEveryOffset_NeedsAllOfIt(string text, int status, int length, bool chunked)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        for (var cut = 0; cut < bytes.Length; cut++)
        {
            Assert.False(ResponseHead.TryRead(bytes.AsSpan(0, cut), out _));
        }

        Assert.True(ResponseHead.TryRead([.. bytes, .. "more"u8], out var head));
        Assert.Equal(new ResponseHead(bytes.Length, status, length, chunked), head);
    }

    [Fact]
    public void TryRead_NotHttp_Throws() => Assert.Throws<InvalidDataException>(() => ResponseHead.TryRead("SSH-2.0\r\n\r\n"u8, out _));
}
