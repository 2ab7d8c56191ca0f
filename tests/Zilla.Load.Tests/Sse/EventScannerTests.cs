using System.Text;
using Zilla.Load.Sse;

namespace Zilla.Load.Tests.Sse;

public class EventScannerTests
{
    // A retry, an event as we write them, a comment, an event with the blank that others write, and one that is no payload of ours.
    private static readonly byte[] Stream =
    [
        .. "retry:2000\n\nid:AQID\ndata:"u8, .. Payload.Of(64, time: 0x1234), .. "\n\n:\n\nid: 1:0\ndata: "u8, .. Payload.Of(300, time: long.MaxValue),
        .. "\n\ndata:{\"other\":\"a payload that is long enough to be looked at\"}\n\n"u8,
    ];

    [Fact]
    public void Take_CutAtEveryOffset_FindsEachEventOnce()
    {
        for (var cut = 0; cut <= Stream.Length; cut++)
        {
            Assert.Equal([0x1234, long.MaxValue], Scan(isChunked: false, Stream[..cut], Stream[cut..]));
        }
    }

    [Fact]
    public void Take_ByteByByte_FindsEachEventOnce() => Assert.Equal([0x1234, long.MaxValue], Scan(isChunked: false, [.. Stream.Select(b => new[] { b })]));

    [Fact]
    public void Take_ChunkedInsideAnEvent_FindsEachEventOnce()
    {
        for (var cut = 1; cut < Stream.Length; cut++)
        {
            Assert.Equal([0x1234, long.MaxValue], Scan(isChunked: true, Chunk(Stream[..cut]), Chunk(Stream[cut..])));
        }
    }

    private static List<long> Scan(bool isChunked, params byte[][] pieces)
    {
        var times = new List<long>();
        var scanner = new EventScanner(isChunked, times.Add);
        foreach (var piece in pieces)
        {
            scanner.Take(piece);
        }

        return times;
    }

    private static byte[] Chunk(byte[] bytes) => [.. Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"), .. bytes, .. "\r\n"u8];
}
