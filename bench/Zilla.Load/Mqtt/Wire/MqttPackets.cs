using System.Buffers.Binary;
using System.Text;

namespace Zilla.Load.Mqtt.Wire;

/// <summary>The packets of MQTT 5 that a client sends, as bytes. Written apart from the edge's own codec: what both got wrong nobody would see.</summary>
/// <remarks>
/// <code>
/// type and flags:1 │ remaining length: 1..4 bytes of 7 bits, the lowest first │ the rest
/// </code>
/// </remarks>
internal static class MqttPackets
{
    public const byte Connack = 0x20, Publish = 0x30, Puback = 0x40, Suback = 0x90, Pingresp = 0xD0, Disconnected = 0xE0;

    /// <summary>Bits of the first byte that say what a packet is; the others are flags.</summary>
    public const byte TypeMask = 0xF0;

    private const byte CleanStart = 0x02;
    private const byte SessionExpiryInterval = 0x11;

    /// <summary>DISCONNECT with the reason that is the shortest: normal.</summary>
    public static ReadOnlyMemory<byte> Disconnect { get; } = new byte[] { 0xE0, 0 };

    public static ReadOnlyMemory<byte> Ping { get; } = new byte[] { 0xC0, 0 };

    /// <param name="clientId">Its UTF-8 is what identifies the session.</param>
    /// <param name="keepAlive">Seconds; 0 = none.</param>
    /// <param name="sessionExpiry">Seconds that the session outlives its connection; null = it is begun anew, and ends with the connection.</param>
    public static byte[] Connect(string clientId, ushort keepAlive, uint? sessionExpiry = null)
    {
        var properties = new byte[sessionExpiry is null ? 0 : 5];
        if (sessionExpiry is { } seconds)
        {
            properties[0] = SessionExpiryInterval;
            BinaryPrimitives.WriteUInt32BigEndian(properties.AsSpan(1), seconds);
        }

        return Packet(
            0x10, [.. Text("MQTT"), 5, sessionExpiry is null ? CleanStart : (byte)0, .. Number(keepAlive), (byte)properties.Length, .. properties, .. Text(clientId)]);
    }

    public static byte[] Subscribe(ushort id, string filter, int qos) => Packet(0x82, [.. Number(id), 0, .. Text(filter), (byte)qos]);

    /// <summary>A PUBLISH whose packet id, with QoS 1, stands as 0 at <see cref="PacketIdOffset"/>, and whose payload is the last of it.</summary>
    public static byte[] PublishTo(string topic, int qos, ReadOnlySpan<byte> payload) =>
        Packet((byte)(Publish | (qos << 1)), [.. Text(topic), .. (ReadOnlySpan<byte>)(qos == 0 ? [] : [0, 0]), 0, .. payload]);

    public static int PacketIdOffset(string topic, int packetLength) => 1 + LengthBytes(packetLength) + 2 + Encoding.UTF8.GetByteCount(topic);

    /// <summary>PUBACK of success: four bytes.</summary>
    public static void WritePuback(Span<byte> destination, ushort id)
    {
        (destination[0], destination[1]) = (Puback, 2);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], id);
    }

    /// <summary>Any packet.</summary>
    public static byte[] Packet(byte first, ReadOnlySpan<byte> body)
    {
        Span<byte> length = stackalloc byte[4];
        var (used, left) = (0, body.Length);
        do
        {
            length[used++] = (byte)((left & 0x7F) | (left > 0x7F ? 0x80 : 0));
            left >>= 7;
        }
        while (left > 0);
        return [first, .. length[..used], .. body];
    }

    /// <summary>How many bytes of a whole packet are its remaining length.</summary>
    private static int LengthBytes(int packetLength) => packetLength switch
    {
        <= 1 + 1 + 0x7F => 1,
        <= 1 + 2 + 0x3FFF => 2,
        <= 1 + 3 + 0x1F_FFFF => 3,
        _ => 4,
    };

    private static byte[] Text(string text) => [.. Number((ushort)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Number(ushort value) => [(byte)(value >> 8), (byte)value];
}
