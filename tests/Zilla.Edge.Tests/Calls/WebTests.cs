using System.Buffers;
using System.Text;
using Zilla.Edge.Calls;

namespace Zilla.Edge.Tests.Calls;

/// <summary>The bodies of gRPC-Web.</summary>
public sealed class WebTests
{
    [Fact]
    public void WebTrailers_AreHeaderLinesInAFrame()
    {
        var output = new ArrayBufferWriter<byte>();
        WebTrailers.Write(output, [new("grpc-status", "0"), new("a", "b")]);
        Assert.Equal("8000000016", Convert.ToHexString(output.WrittenSpan)[..10]);
        Assert.Equal("grpc-status: 0\r\na: b\r\n", Encoding.ASCII.GetString(output.WrittenSpan[MessageFrame.PrefixLength..]));
    }

    [Fact]
    public void WebText_PaddedInTheMiddleAndCutAnywhere_IsDecoded()
    {
        var text = Encoding.ASCII.GetBytes("AAAAAAA=gAAAAA0K");
        for (var cut = 0; cut <= text.Length; cut++)
        {
            var output = new ArrayBufferWriter<byte>();
            ReadOnlySequence<byte> buffer = new(text, 0, cut);
            Assert.True(WebText.TryDecode(ref buffer, output));
            Assert.Equal(cut % 4, buffer.Length);
            var rest = Sequences.Segments(buffer.ToArray(), text[cut..]);
            Assert.True(WebText.TryDecode(ref rest, output));
            Assert.True(rest.IsEmpty);
            Assert.Equal("0000000000800000000D0A", Convert.ToHexString(output.WrittenSpan));
        }
    }

    [Theory]
    [InlineData("AAA*")]
    [InlineData("A=AA")]
    [InlineData("AA A")]
    [InlineData("====")]
    public void WebText_NotBase64_IsRefused(string text)
    {
        var buffer = Sequences.Bytes(Encoding.ASCII.GetBytes(text));
        Assert.False(WebText.TryDecode(ref buffer, new ArrayBufferWriter<byte>()));
    }

    [Fact]
    public void WebText_ThereAndBack()
    {
        var random = new Random(11);
        for (var round = 0; round < 500; round++)
        {
            var (text, plain) = (new ArrayBufferWriter<byte>(), new List<byte>());
            for (var piece = random.Next(1, 5); piece > 0; piece--)
            {
                var bytes = new byte[random.Next(40)];
                random.NextBytes(bytes);
                WebText.Encode(bytes, text);
                plain.AddRange(bytes);
            }

            var decoded = new ArrayBufferWriter<byte>();
            var buffer = Sequences.Bytes(text.WrittenSpan.ToArray());
            Assert.True(WebText.TryDecode(ref buffer, decoded));
            Assert.Equal(plain.ToArray(), decoded.WrittenSpan.ToArray());
        }
    }
}
