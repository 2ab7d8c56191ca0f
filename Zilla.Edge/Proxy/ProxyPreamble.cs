using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Text;
using Zilla.Config.Bindings;

namespace Zilla.Edge.Proxy;

internal enum ProxyRead
{
    NeedMore,
    Done,
    Malformed,
}

/// <summary>
/// The preamble of the PROXY protocol, version 2 (haproxy.org, proxy-protocol.txt, §2.2).
/// <code>
/// 0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a   signature
/// 2c                                    c: 0 LOCAL, 1 PROXY
/// ft                                    f: 1 IPv4, 2 IPv6, 3 unix   t: 1 stream, 2 datagram   00: unknown
/// nn nn                                 length of what follows, big endian
/// source, destination, ports            4+4+2+2 or 16+16+2+2 or 108+108 bytes
/// type(1) length(2) value …             what else is known: <see cref="ProxyTlvs"/>
/// </code>
/// </summary>
internal static class ProxyPreamble
{
    /// <summary>The longest that is taken; load balancers write some hundred bytes, with certificates some thousand.</summary>
    public const int MaxLength = 16 << 10;

    private const int PrefixLength = 16;
    private const int UnixLength = 108;

    private static ReadOnlySpan<byte> Signature => [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];

    /// <param name="input">The connection's bytes from the first on.</param>
    /// <param name="header">With <see cref="ProxyRead.Done"/> what it says.</param>
    /// <param name="length">With <see cref="ProxyRead.Done"/> how many bytes it has.</param>
    /// <param name="problem">With <see cref="ProxyRead.Malformed"/> what is wrong.</param>
    public static ProxyRead TryRead(in ReadOnlySequence<byte> input, out ProxyHeader header, out int length, out string problem)
    {
        (header, length, problem) = (ProxyHeader.Nothing, 0, "");
        Span<byte> prefix = stackalloc byte[PrefixLength];
        var have = (int)Math.Min(input.Length, PrefixLength);
        input.Slice(0, have).CopyTo(prefix);
        if (!Signature.StartsWith(prefix[..Math.Min(have, Signature.Length)]))
        {
            problem = "no PROXY preamble of version 2";
            return ProxyRead.Malformed;
        }

        if (have < PrefixLength)
        {
            return ProxyRead.NeedMore;
        }

        length = PrefixLength + BinaryPrimitives.ReadUInt16BigEndian(prefix[14..]);
        if (length > MaxLength)
        {
            problem = $"a preamble of {length} bytes; at most {MaxLength} are taken";
            return ProxyRead.Malformed;
        }

        if (input.Length < length)
        {
            return ProxyRead.NeedMore;
        }

        problem = Read(input.Slice(0, length).ToArray(), out header);
        return problem.Length == 0 ? ProxyRead.Done : ProxyRead.Malformed;
    }

    /// <summary>What is wrong; empty: nothing.</summary>
    private static string Read(byte[] whole, out ProxyHeader header)
    {
        header = ProxyHeader.Nothing;
        var (version, command, family, transport) = (whole[12] >> 4, whole[12] & 0xf, whole[13] >> 4, whole[13] & 0xf);
        if (version != 2 || command > 1)
        {
            return $"version and command {whole[12]:x2}";
        }

        if (command == 0)
        {
            return ""; // for itself: what else it says is not to be looked at
        }

        if (whole[13] == 0)
        {
            return "";
        }

        if (family is < 1 or > 3 || transport is < 1 or > 2)
        {
            return $"address family and transport {whole[13]:x2}";
        }

        var body = whole.AsSpan(PrefixLength);
        var addresses = family switch { 1 => 12, 2 => 36, _ => 2 * UnixLength };
        if (body.Length < addresses)
        {
            return "cut short in its addresses";
        }

        header = new ProxyHeader
        {
            Transport = transport == 1 ? ProxyTransport.Stream : ProxyTransport.Datagram,
            Source = Address(family, body, 0),
            Destination = Address(family, body, 1),
        };
        return ProxyTlvs.Read(whole, PrefixLength + addresses, ref header);
    }

    private static EndPoint Address(int family, ReadOnlySpan<byte> body, int index)
    {
        if (family == 3)
        {
            var path = body.Slice(index * UnixLength, UnixLength);
            return new UnixPath(Encoding.UTF8.GetString(path.IndexOf((byte)0) is >= 0 and var end ? path[..end] : path));
        }

        var size = family == 1 ? 4 : 16;
        return new IPEndPoint(new IPAddress(body.Slice(index * size, size)), BinaryPrimitives.ReadUInt16BigEndian(body.Slice((2 * size) + (2 * index), 2)));
    }
}
