using System.Buffers;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Tests.Wire;

public sealed class FrameReaderTests
{
    // length 10 | ApiVersions = 18 | version 0 | correlation 7 | client id null
    private static readonly byte[] Valid = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xFF, 0xFF];

    [Fact]
    public void TryRead_CutAnywhere_NeedMoreAndNothingTaken()
    {
        for (var cut = 0; cut < Valid.Length; cut++)
        {
            var buffer = new ReadOnlySequence<byte>(Valid, 0, cut);
            Assert.Equal(FrameResult.NeedMore, FrameReader.TryRead(ref buffer, 100, out _));
            Assert.Equal(cut, buffer.Length);
        }
    }

    [Fact]
    public void TryRead_TwoFrames_OneAfterTheOther()
    {
        var buffer = new ReadOnlySequence<byte>([.. Valid, .. Valid]);
        Assert.Equal(FrameResult.Frame, FrameReader.TryRead(ref buffer, 100, out var first));
        Assert.Equal(Valid[4..], first.ToArray());
        Assert.Equal(FrameResult.Frame, FrameReader.TryRead(ref buffer, 100, out _));
        Assert.True(buffer.IsEmpty);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    [InlineData(0)]
    [InlineData(7)]    // shorter than any header
    [InlineData(101)]  // one above the limit
    public void TryRead_LengthOutOfBounds_BadLengthFromTheFirstFourBytes(int length)
    {
        var buffer = new ReadOnlySequence<byte>([(byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length]);
        Assert.Equal(FrameResult.BadLength, FrameReader.TryRead(ref buffer, 100, out _));
    }
}
