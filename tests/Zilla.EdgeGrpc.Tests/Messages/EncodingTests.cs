using System.Buffers;
using System.Text;
using Zilla.Edge.Tests.Calls;
using Zilla.EdgeGrpc.Messages;

namespace Zilla.EdgeGrpc.Tests.Messages;

/// <summary>Compression.</summary>
public sealed class EncodingTests
{
    [Fact]
    public void Gzip_ThereAndBack()
    {
        var message = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("stream of records ", 100)));
        using var compressed = new MemoryStream();
        Encodings.Compress(Sequences.Segments(message[..100], message[100..]), compressed);
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

    private static bool TryDecompress(byte[] bytes) => Encodings.TryDecompress(new(bytes), 1 << 20, new ArrayBufferWriter<byte>(), out _);
}
