using System.Buffers;
using Zilla.Edge.Calls;

namespace Zilla.Edge.Tests.Calls;

public sealed class MessageFrameTests
{
    private const int Maximum = 1 << 20;

    [Fact]
    public void TryRead_TwoMessages_GivesOneAfterTheOther()
    {
        var buffer = Sequences.Bytes([0, 0, 0, 0, 2, 0x08, 0x01, 1, 0, 0, 0, 0]);
        Assert.Equal(FrameStatus.Frame, MessageFrame.TryRead(ref buffer, Maximum, out var first));
        Assert.Equal((false, "0801"), (first.IsCompressed, Convert.ToHexString(first.Body.ToArray())));
        Assert.Equal(FrameStatus.Frame, MessageFrame.TryRead(ref buffer, Maximum, out var second));
        Assert.Equal((true, 0L), (second.IsCompressed, second.Body.Length));
        Assert.Equal(FrameStatus.NeedsMore, MessageFrame.TryRead(ref buffer, Maximum, out _));
    }

    [Fact]
    public void TryRead_CutAnywhere_WaitsAndTakesNothing()
    {
        byte[] whole = [0, 0, 0, 0, 3, 1, 2, 3];
        for (var cut = 0; cut < whole.Length; cut++)
        {
            var buffer = Sequences.Bytes(whole[..cut]);
            Assert.Equal(FrameStatus.NeedsMore, MessageFrame.TryRead(ref buffer, Maximum, out _));
            Assert.Equal(cut, buffer.Length);

            // The same in two segments.
            var split = Sequences.Segments(whole[..cut], whole[cut..]);
            Assert.Equal(FrameStatus.Frame, MessageFrame.TryRead(ref split, Maximum, out var frame));
            Assert.Equal("010203", Convert.ToHexString(frame.Body.ToArray()));
        }
    }

    [Theory]
    [InlineData("0000100001")]
    [InlineData("00FFFFFFFF")]
    [InlineData("0180000000")]
    public void TryRead_LongerThanAllowed_IsRefusedByItsLength(string prefix)
    {
        var buffer = Sequences.Bytes(Convert.FromHexString(prefix));
        Assert.Equal(FrameStatus.TooLarge, MessageFrame.TryRead(ref buffer, Maximum, out _));
    }

    [Theory]
    [InlineData("02")]
    [InlineData("80")]
    [InlineData("8000000000")]
    public void TryRead_UnknownFlag_IsRefused(string bytes)
    {
        var buffer = Sequences.Bytes(Convert.FromHexString(bytes));
        Assert.Equal(FrameStatus.Malformed, MessageFrame.TryRead(ref buffer, Maximum, out _));
    }

    [Fact]
    public void TryRead_AnyBytes_NeverThrowsAndNeverGivesMoreThanThereIs()
    {
        var random = new Random(7);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(24)];
            random.NextBytes(bytes);
            bytes.AsSpan(0, Math.Min(4, bytes.Length)).Clear();
            var buffer = Sequences.Bytes(bytes);
            var before = buffer.Length;
            if (MessageFrame.TryRead(ref buffer, Maximum, out var frame) == FrameStatus.Frame)
            {
                Assert.Equal(before, MessageFrame.PrefixLength + frame.Body.Length + buffer.Length);
            }
        }
    }
}
