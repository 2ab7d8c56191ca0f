using System.Buffers;
using System.Text;
using Zilla.Edge.Calls;
using Zilla.EdgeHttp.Handover;

namespace Zilla.EdgeHttp.Tests.Handover;

public sealed class WebFramesTests
{
    private static readonly byte[] Empty = [0, 0, 0, 0, 0], Message = [0, 0, 0, 0, 3, 1, 2, 3], Trailers = [0x80, 0, 0, 0, 1, 65];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Frames_InAnyTwoPieces_HaveTheirEndsWhereTheyAre(bool isText)
    {
        byte[][] all = [Message, Empty, Message, Trailers];
        byte[][] pieces = isText ? [.. all.Select(frame => Encoding.ASCII.GetBytes(Convert.ToBase64String(frame)))] : all;
        var whole = pieces.SelectMany(piece => piece).ToArray();
        int[] ends = [0, pieces[0].Length, pieces[0].Length + pieces[1].Length, whole.Length - pieces[3].Length];
        for (var cut = 0; cut <= whole.Length; cut++)
        {
            var frames = new WebFrames(isText);
            frames.Pass(new(whole[..cut]));
            Assert.Equal((ends.Contains(cut), cut == whole.Length), (frames.TakesAnother, frames.HasEnded));
            frames.Pass(new(whole[cut..]));
            Assert.Equal((false, true), (frames.TakesAnother, frames.HasEnded));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Frames_ByteByByte_AsWhole(bool isText)
    {
        var frames = new WebFrames(isText);
        foreach (var octet in isText ? Encoding.ASCII.GetBytes(Convert.ToBase64String(Message) + Convert.ToBase64String(Empty)) : (byte[])[.. Message, .. Empty])
        {
            frames.Pass(new([octet]));
        }

        Assert.True(frames.TakesAnother);
    }

    [Fact]
    public void Text_ThatIsNotBase64_TakesNoMore()
    {
        var frames = new WebFrames(isText: true);
        frames.Pass(new("AAA*"u8.ToArray()));
        frames.Pass(new("AAAAAAA="u8.ToArray()));
        Assert.Equal((false, false), (frames.TakesAnother, frames.HasEnded));
    }

    /// <summary>The rest of a long answer goes by, all the same.</summary>
    [Theory]
    [InlineData("AAA*")]
    [InlineData("AAAA")]
    [InlineData("AA")]
    public void Text_ThatGoesBy_IsNotKept(string first)
    {
        const int Pieces = 200;
        var piece = new ReadOnlySequence<byte>(Enumerable.Repeat((byte)'A', 16 << 10).ToArray());
        var frames = new WebFrames(isText: true);
        frames.Pass(new(Encoding.ASCII.GetBytes(first)));
        frames.Pass(piece);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Pieces; i++)
        {
            frames.Pass(piece);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, piece.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void End_IsTheTrailersOfTheStatus(bool isText)
    {
        var body = new ArrayBufferWriter<byte>();
        new WebFrames(isText).End(body, new Status(StatusCode.Unavailable, "gone: 100 %"));
        var frame = isText ? Convert.FromBase64String(Encoding.ASCII.GetString(body.WrittenSpan)) : body.WrittenSpan.ToArray();
        Assert.Equal([0x80, 0, 0, 0, (byte)(frame.Length - 5)], frame[..5]);
        Assert.Equal("grpc-status: 14\r\ngrpc-message: gone: 100 %25\r\n", Encoding.ASCII.GetString(frame[5..]));
    }
}
