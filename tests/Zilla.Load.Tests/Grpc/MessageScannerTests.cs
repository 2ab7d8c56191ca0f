using Zilla.Load.Grpc;

namespace Zilla.Load.Tests.Grpc;

public class MessageScannerTests
{
    private static readonly byte[] Body = [.. Framed(ItemMessage.Of(256, 17)), .. Framed([]), .. Framed(ItemMessage.Of(30, 18)), .. Framed([1, 2]), .. Framed(ItemMessage.Of(300, 19))];

    [Fact]
    public void Messages_CutAtEveryOffset_AreTheSame()
    {
        for (var cut = 0; cut <= Body.Length; cut++)
        {
            var (scanner, seen) = (new MessageScanner(), new List<long>());
            Take(scanner, Body.AsSpan(0, cut), seen);
            Take(scanner, Body.AsSpan(cut), seen);
            Assert.Equal([17, -1, 18, -1, 19], seen);
        }
    }

    [Fact]
    public void Messages_ByteByByte_AreTheSame()
    {
        var (scanner, seen) = (new MessageScanner(), new List<long>());
        foreach (var one in Body)
        {
            Take(scanner, [one], seen);
        }

        Assert.Equal([17, -1, 18, -1, 19], seen);
    }

    [Fact]
    public void Message_ThatIsCompressed_Throws() => Assert.Throws<InvalidDataException>(() => Take(new MessageScanner(), [1, 0, 0, 0, 1, 0], []));

    private static byte[] Framed(byte[] message) => [0, 0, 0, (byte)(message.Length >> 8), (byte)message.Length, .. message];

    private static void Take(MessageScanner scanner, ReadOnlySpan<byte> piece, List<long> seen)
    {
        while (scanner.TryTake(ref piece))
        {
            seen.Add(ItemMessage.TryReadTime(scanner.Head, out var time) ? time : -1);
        }

        Assert.True(piece.IsEmpty);
    }
}
