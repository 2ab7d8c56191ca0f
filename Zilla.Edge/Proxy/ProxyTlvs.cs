using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Zilla.Config.Bindings;

namespace Zilla.Edge.Proxy;

/// <summary>
/// What follows the addresses of a preamble (proxy-protocol.txt, §2.2.1 to §2.2.9); types that are not listed are passed over.
/// <code>
/// 01 ALPN   02 authority   03 CRC32C over the whole preamble, these four bytes as 0   05 unique id, at most 128 bytes   30 network namespace
/// 20 TLS:   client(1, bit 0: with TLS) verify(4) and, in the same form, 21 version   22 common name   23 cipher   24 signature   25 key
/// </code>
/// </summary>
internal static class ProxyTlvs
{
    private const int MaxUniqueId = 128;

    /// <summary>What is wrong; empty: nothing.</summary>
    /// <param name="whole">The preamble.</param>
    /// <param name="at">Where they begin.</param>
    /// <param name="header">Gets what they say.</param>
    public static string Read(byte[] whole, int at, ref ProxyHeader header)
    {
        while (at < whole.Length)
        {
            if (!TryTake(whole, at, out var type, out var value))
            {
                return "cut short in what follows its addresses";
            }

            var problem = type switch
            {
                0x03 => CheckSum(whole, at, value.Length),
                0x05 when value.Length > MaxUniqueId => $"a unique id of {value.Length} bytes",
                0x20 => Tls(value, ref header),
                _ => "",
            };
            if (problem.Length > 0)
            {
                return problem;
            }

            header = type switch
            {
                0x01 => header with { Alpn = Text(value) },
                0x02 => header with { Authority = Text(value) },
                0x05 => header with { Identity = Text(value) },
                0x30 => header with { Namespace = Text(value) },
                _ => header,
            };
            at += 3 + value.Length;
        }

        return "";
    }

    private static bool TryTake(ReadOnlySpan<byte> from, int at, out byte type, out ReadOnlySpan<byte> value)
    {
        type = 0;
        value = default;
        if (from.Length - at < 3 || BinaryPrimitives.ReadUInt16BigEndian(from[(at + 1)..]) is var length && length > from.Length - at - 3)
        {
            return false;
        }

        type = from[at];
        value = from.Slice(at + 3, length);
        return true;
    }

    private static string CheckSum(byte[] whole, int at, int length)
    {
        if (length != sizeof(uint))
        {
            return $"a checksum of {length} bytes";
        }

        var (crc, from) = (uint.MaxValue, at + 3);
        for (var index = 0; index < whole.Length; index++)
        {
            crc = BitOperations.Crc32C(crc, index >= from && index < from + sizeof(uint) ? (byte)0 : whole[index]);
        }

        return ~crc == BinaryPrimitives.ReadUInt32BigEndian(whole.AsSpan(from)) ? "" : "its checksum is wrong";
    }

    private static string Tls(ReadOnlySpan<byte> value, ref ProxyHeader header)
    {
        if (value.Length < 5)
        {
            return "cut short in what it says of TLS";
        }

        if ((value[0] & 1) == 0)
        {
            return "";
        }

        var secure = new ProxySecurity();
        for (var at = 5; at < value.Length;)
        {
            if (!TryTake(value, at, out var type, out var inner))
            {
                return "cut short in what it says of TLS";
            }

            secure = type switch
            {
                0x21 => secure with { Version = Text(inner) },
                0x22 => secure with { Name = Text(inner) },
                0x23 => secure with { Cipher = Text(inner) },
                0x24 => secure with { Signature = Text(inner) },
                0x25 => secure with { Key = Text(inner) },
                _ => secure,
            };
            at += 3 + inner.Length;
        }

        header = header with { Secure = secure };
        return "";
    }

    private static string Text(ReadOnlySpan<byte> value) => Encoding.UTF8.GetString(value);
}
