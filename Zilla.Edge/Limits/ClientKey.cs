using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Zilla.Edge.Guards;

namespace Zilla.Edge.Limits;

/// <summary>What tells clients apart, in 16 bytes whatever they send.</summary>
internal static class ClientKey
{
    private const int Bytes = 16;

    /// <summary>
    /// An IPv4 address, also one that comes as IPv6, or the /64 of an IPv6 address, which is the least that anybody is given. Those without an address
    /// (a load balancer may name a socket of Unix) count together.
    /// </summary>
    public static UInt128 Of(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        if (address is null || !address.TryWriteBytes(bytes, out var written))
        {
            return UInt128.Zero;
        }

        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return Inet4(bytes[..written]);
        }

        return address.IsIPv4MappedToIPv6 ? Inet4(bytes[12..]) : new UInt128(BinaryPrimitives.ReadUInt64BigEndian(bytes), 0);
    }

    /// <summary>An identity is as long as a token may be; its hash is not.</summary>
    /// <param name="grant">With an identity.</param>
    public static UInt128 Of(Grant grant)
    {
        Span<byte> hash = stackalloc byte[2 * SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(grant.Guard.AsSpan()), hash);
        SHA256.HashData(MemoryMarshal.AsBytes(grant.Identity.AsSpan()), hash[SHA256.HashSizeInBytes..]);
        Span<byte> key = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(hash, key);
        return BinaryPrimitives.ReadUInt128BigEndian(key);
    }

    /// <summary>Its high half is 0, as that of no /64 in use.</summary>
    private static UInt128 Inet4(ReadOnlySpan<byte> bytes) => new(0, 0xffff_0000_0000UL | BinaryPrimitives.ReadUInt32BigEndian(bytes));
}
