using Zilla.Load.Grpc.Wire;

namespace Zilla.Load.Tests.Grpc;

public class Http2FrameTests
{
    // HEADERS of stream 5 with END_STREAM and END_HEADERS, one indexed header; RFC 9113 §6.2.
    private static readonly byte[] Headers = [0, 0, 1, 1, 5, 0, 0, 0, 5, 0x88];

    [Fact]
    public void TryRead_CutAtEveryOffset_NeedsAllOfIt()
    {
        for (var cut = 0; cut < Headers.Length; cut++)
        {
            Assert.False(Http2Frame.TryRead(Headers.AsSpan(0, cut), out _));
        }

        Assert.True(Http2Frame.TryRead([.. Headers, 0xff], out var frame));
        Assert.Equal((Http2FrameType.Headers, 5, true, 1), (frame.Type, frame.Stream, frame.IsEnd, frame.Payload.Length));
    }

    [Fact]
    public void Prefix_IsWhatTryReadReads()
    {
        var bytes = new byte[Http2Frame.PrefixLength + 70_000];
        Assert.Equal(Http2Frame.PrefixLength, Http2Frame.WritePrefix(bytes, 70_000, Http2FrameType.Data, 0, 0x7fff_ffff));
        Assert.True(Http2Frame.TryRead(bytes, out var frame));
        Assert.Equal((Http2FrameType.Data, int.MaxValue, false, 70_000), (frame.Type, frame.Stream, frame.IsEnd, frame.Payload.Length));
    }
}
