using System.Buffers;
using System.Text;
using Zilla.Edge.Calls;
using Zilla.EdgeGrpc.Messages;

namespace Zilla.EdgeGrpc.Tests.Messages;

/// <summary>Compression, and the bodies of gRPC-Web.</summary>
public sealed class EncodingTests
{
    [Fact]
    public void Gzip_ThereAndBack()
    {
        var message = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("stream of records ", 100)));
        using var compressed = new MemoryStream();
        Encodings.Compress(MessageFrameTests.Segments(message[..100], message[100..]), compressed);
        Assert.True(compressed.Length < message.Length / 5);

        var output = new ArrayBufferWriter<byte>();
        Assert.True(Encodings.TryDecompress(new(compressed.ToArray()), message.Length, output, out _));
        Assert.Equal(message, output.WrittenSpan.ToArray());
    }

    [Fact]
    public void Gzip_ThatGrowsBeyondTheMaximum_IsRefusedBeforeItIsThere()
    {
        using var compressed = new MemoryStream();
        Encodings.Compress(new(new byte[64 << 20]), compressed);
        var output = new ArrayBufferWriter<byte>();
        Assert.False(Encodings.TryDecompress(new(compressed.ToArray()), 1 << 20, output, out var isTooLarge));
        Assert.True(isTooLarge);
        Assert.InRange(output.WrittenCount, 0, 1 << 20);
    }

    [Fact]
    public void Gzip_CutOrBroken_IsRefused()
    {
        using var compressed = new MemoryStream();
        Encodings.Compress(new("a message of some length that is worth it"u8.ToArray()), compressed);
        var bytes = compressed.ToArray();
        Assert.True(TryDecompress([]), "an empty message, as some libraries write it");
        for (var cut = 1; cut < bytes.Length; cut++)
        {
            Assert.False(TryDecompress(bytes[..cut]), $"cut at {cut}");
        }

        bytes[^8] ^= 0xFF; // its checksum
        Assert.False(TryDecompress(bytes));
    }

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("identity, deflate, gzip", "gzip")]
    [InlineData("identity", "identity")]
    [InlineData("gzipped", "identity")]
    [InlineData(null, "identity")]
    public void Choose_TakesGzipWhereItIsAccepted(string? accepted, string encoding) => Assert.Equal(encoding, Encodings.Choose(accepted));

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
            var rest = MessageFrameTests.Segments(buffer.ToArray(), text[cut..]);
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
        var buffer = MessageFrameTests.Bytes(Encoding.ASCII.GetBytes(text));
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
            var buffer = MessageFrameTests.Bytes(text.WrittenSpan.ToArray());
            Assert.True(WebText.TryDecode(ref buffer, decoded));
            Assert.Equal(plain.ToArray(), decoded.WrittenSpan.ToArray());
        }
    }

    private static bool TryDecompress(byte[] bytes) => Encodings.TryDecompress(new(bytes), 1 << 20, new ArrayBufferWriter<byte>(), out _);
}
