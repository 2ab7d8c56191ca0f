using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Zilla.Edge.Tests.Proxy;

/// <summary>Preambles as a load balancer writes them.</summary>
internal static class Preambles
{
    public static byte[] Signature { get; } = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];

    /// <summary>203.0.113.7:56324 to 192.0.2.1:443, over TCP.</summary>
    public static byte[] Inet4(params byte[][] more) => Write(0x21, 0x11, [203, 0, 113, 7, 192, 0, 2, 1, 0xdc, 0x04, 0x01, 0xbb], more);

    public static byte[] Write(byte command, byte family, byte[] addresses, params byte[][] more)
    {
        byte[] body = [.. addresses, .. more.SelectMany(bytes => bytes)];
        return [.. Signature, command, family, (byte)(body.Length >> 8), (byte)body.Length, .. body];
    }

    public static byte[] Tlv(byte type, params byte[] value) => [type, (byte)(value.Length >> 8), (byte)value.Length, .. value];

    public static byte[] Tlv(byte type, string value) => Tlv(type, Encoding.UTF8.GetBytes(value));

    /// <summary>TLS with a client certificate for alice.</summary>
    public static byte[] Tls { get; } = Tlv(0x20, [0x07, 0, 0, 0, 0, .. Tlv(0x21, "TLSv1.3"), .. Tlv(0x22, "alice"), .. Tlv(0x23, "TLS_AES_256_GCM_SHA384"), .. Tlv(0x24, "SHA256"), .. Tlv(0x25, "RSA2048")]);

    /// <summary>With a checksum at the end.</summary>
    public static byte[] WithCheckSum(byte[] preamble)
    {
        byte[] whole = [.. preamble, .. Tlv(0x03, 0, 0, 0, 0)];
        BinaryPrimitives.WriteUInt16BigEndian(whole.AsSpan(14), (ushort)(whole.Length - 16));
        BinaryPrimitives.WriteUInt32BigEndian(whole.AsSpan(whole.Length - 4), ~whole.Aggregate(uint.MaxValue, BitOperations.Crc32C));
        return whole;
    }
}
