using System.Text;
using Zilla.Load.Http;

namespace Zilla.Load.Tests.Http;

public class ChunkedBodyTests
{
    // Two chunks, one of them with an extension, then the end.
    private static readonly byte[] Body = "6;x=y\r\nabc\r\nd\r\n1A\r\nefghijklmnopqrstuvwxyz0123\r\n0\r\n\r\n"u8.ToArray();

    [Fact]
    public void Decode_CutAtEveryOffset_IsTheSameBody()
    {
        for (var cut = 0; cut <= Body.Length; cut++)
        {
            var (chunks, output) = (default(ChunkedBody), new byte[Body.Length]);
            var length = chunks.Decode(Body.AsSpan(0, cut), output);
            Assert.Equal(cut == Body.Length, chunks.IsOver);
            length += chunks.Decode(Body.AsSpan(cut), output.AsSpan(length));

            Assert.Equal("abc\r\ndefghijklmnopqrstuvwxyz0123", Encoding.ASCII.GetString(output, 0, length));
            Assert.True(chunks.IsOver);
        }
    }

    [Fact]
    public void Decode_SizeThatIsNoNumber_Throws() => Assert.Throws<InvalidDataException>(() => default(ChunkedBody).Decode("g\r\n"u8, new byte[3]));

    [Fact]
    public void Decode_SizeWithoutBound_Throws() => Assert.Throws<InvalidDataException>(() => default(ChunkedBody).Decode("fffffffff\r\n"u8, new byte[11]));
}
