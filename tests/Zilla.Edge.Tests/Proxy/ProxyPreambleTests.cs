using System.Buffers;
using System.Net;
using System.Text;
using Zilla.Config.Bindings;
using Zilla.Edge.Proxy;

namespace Zilla.Edge.Tests.Proxy;

public sealed class ProxyPreambleTests
{
    [Fact]
    public void TryRead_Inet4WithAllThatIsKnown_SaysIt()
    {
        var whole = Preambles.WithCheckSum(Preambles.Inet4(
            Preambles.Tlv(0x01, "h2"), Preambles.Tlv(0x02, "a.example"), Preambles.Tlv(0x04), Preambles.Tlv(0x05, "id-1"), Preambles.Tlv(0x30, "ns0"), Preambles.Tlv(0xee, "unknown"), Preambles.Tls));

        var header = Read(whole);

        Assert.Equal(new IPEndPoint(IPAddress.Parse("203.0.113.7"), 56324), header.Source);
        Assert.Equal(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 443), header.Destination);
        Assert.Equal((ProxyTransport.Stream, "h2", "a.example", "id-1", "ns0"), (header.Transport, header.Alpn, header.Authority, header.Identity, header.Namespace));
        Assert.Equal(new ProxySecurity { Version = "TLSv1.3", Name = "alice", Cipher = "TLS_AES_256_GCM_SHA384", Signature = "SHA256", Key = "RSA2048" }, header.Secure);
    }

    [Fact]
    public void TryRead_Inet6Datagram()
    {
        var header = Read(Preambles.Write(0x21, 0x22, [.. IPAddress.Parse("2001:db8::1").GetAddressBytes(), .. IPAddress.IPv6Loopback.GetAddressBytes(), 0, 1, 0xff, 0xff]));

        Assert.Equal(new IPEndPoint(IPAddress.Parse("2001:db8::1"), 1), header.Source);
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Loopback, 65535), header.Destination);
        Assert.Equal(ProxyTransport.Datagram, header.Transport);
    }

    [Fact]
    public void TryRead_Unix_PathsEndAtAZeroOrAtTheirEnd()
    {
        var header = Read(Preambles.Write(0x21, 0x31, [.. Encoding.ASCII.GetBytes("/run/a".PadRight(108, '\0')), .. Encoding.ASCII.GetBytes(new string('b', 108))]));

        Assert.Equal("unix:/run/a", header.Source!.ToString());
        Assert.Equal("unix:" + new string('b', 108), header.Destination!.ToString());
    }

    [Theory]
    [InlineData(0x20, 0x00)]
    [InlineData(0x20, 0x11)] // what a load balancer says when it looks whether anybody is there
    [InlineData(0x21, 0x00)]
    public void TryRead_LocalOrUnknown_SaysNothing(byte command, byte family) =>
        Assert.Same(ProxyHeader.Nothing, Read(Preambles.Write(command, family, [1, 2, 3])));

    [Fact]
    public void TryRead_TlsBitNotSet_ClientDidNotSpeakTls() => Assert.Null(Read(Preambles.Inet4(Preambles.Tlv(0x20, 0, 0, 0, 0, 1))).Secure);

    [Fact]
    public void TryRead_CutAnywhere_WaitsForMore_AndLeavesWhatFollows()
    {
        var whole = Preambles.WithCheckSum(Preambles.Inet4(Preambles.Tls));
        for (var cut = 0; cut < whole.Length; cut++)
        {
            Assert.Equal(ProxyRead.NeedMore, ProxyPreamble.TryRead(new ReadOnlySequence<byte>(whole, 0, cut), out _, out _, out _));
            Assert.Equal(ProxyRead.Done, ProxyPreamble.TryRead(Cut([.. whole, .. "GET /"u8], cut), out var header, out var length, out _));
            Assert.Equal((whole.Length, "alice"), (length, header.Secure?.Name));
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n", "no PROXY preamble")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "no PROXY preamble")] // version 1
    [InlineData("\r\n\r\nX", "no PROXY preamble")]
    public void TryRead_SomethingElse_IsSeenAtItsFirstByteThatDiffers(string text, string problem) => Refused(Encoding.Latin1.GetBytes(text), problem);

    [Theory]
    [InlineData(12, 0x11, "version and command 11")]
    [InlineData(12, 0x22, "version and command 22")]
    [InlineData(13, 0x41, "address family and transport 41")]
    [InlineData(13, 0x10, "address family and transport 10")]
    [InlineData(13, 0x13, "address family and transport 13")]
    [InlineData(13, 0x21, "cut short in its addresses")]
    [InlineData(14, 0x40, "at most 16384 are taken")]
    [InlineData(20, 0xff, "its checksum is wrong")]
    [InlineData(30, 0xff, "cut short in what follows")]
    public void TryRead_OneByteWrong_IsRefused(int at, byte value, string problem)
    {
        var whole = Preambles.WithCheckSum(Preambles.Inet4());
        whole[at] = value;

        Refused(whole, problem);
    }

    [Fact]
    public void TryRead_LengthsThatDoNotFit_AreRefused()
    {
        Refused(Preambles.Inet4([0x01, 0]), "cut short in what follows");
        Refused(Preambles.Inet4([0x01, 0, 1]), "cut short in what follows");
        Refused(Preambles.Inet4(Preambles.Tlv(0x03, 1, 2, 3)), "a checksum of 3 bytes");
        Refused(Preambles.Inet4(Preambles.Tlv(0x05, new byte[129])), "a unique id of 129 bytes");
        Refused(Preambles.Inet4(Preambles.Tlv(0x20, 1, 0, 0, 0)), "says of TLS");
        Refused(Preambles.Inet4(Preambles.Tlv(0x20, 1, 0, 0, 0, 0, 0x21, 0, 9, 1)), "says of TLS");
    }

    [Fact]
    public void TryRead_Mutations_NeverThrowNorTakeMoreThanThereIs()
    {
        var random = new Random(20261121);
        byte[][] good = [Preambles.WithCheckSum(Preambles.Inet4(Preambles.Tls)), Preambles.Inet4(Preambles.Tlv(0x02, "a")), Preambles.Write(0x21, 0x31, new byte[216], Preambles.Tls), Preambles.Write(0x20, 0, [])];
        var (read, refused) = (0, 0);
        for (var round = 0; round < 30_000; round++)
        {
            var bytes = (byte[])good[random.Next(good.Length)].Clone();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var input = Cut(bytes, random.Next(bytes.Length + 1));
            var result = ProxyPreamble.TryRead(input, out var header, out var length, out var problem);
            Assert.Equal(result == ProxyRead.Malformed, problem.Length > 0);
            Assert.True(result != ProxyRead.Done || (length <= bytes.Length && (header.Source is null) == (header.Destination is null)));
            (read, refused) = (read + (result == ProxyRead.Done ? 1 : 0), refused + (result == ProxyRead.Malformed ? 1 : 0));
        }

        Assert.True(read > 1000 && refused > 1000, $"{read} read, {refused} refused");
    }

    private static ProxyHeader Read(byte[] whole)
    {
        Assert.Equal((ProxyRead.Done, ""), (ProxyPreamble.TryRead(new ReadOnlySequence<byte>(whole), out var header, out var length, out var problem), problem));
        Assert.Equal(whole.Length, length);
        return header;
    }

    private static void Refused(byte[] bytes, string problem)
    {
        Assert.Equal(ProxyRead.Malformed, ProxyPreamble.TryRead(new ReadOnlySequence<byte>(bytes), out _, out _, out var found));
        Assert.Contains(problem, found, StringComparison.Ordinal);
    }

    private static ReadOnlySequence<byte> Cut(byte[] bytes, int at)
    {
        var first = new Piece(bytes.AsMemory(0, at), 0);
        var last = first.Then(bytes.AsMemory(at));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long before) => (Memory, RunningIndex) = (memory, before);

        public Piece Then(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
