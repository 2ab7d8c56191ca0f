using System.Buffers.Binary;

namespace Zilla.Load.Mqtt.Wire;

/// <summary>A packet of MQTT 5 from a server. It lies in the receive buffer and lives as long.</summary>
internal readonly ref struct ReceivedPacket
{
    private const int MostLengthBytes = 4;

    private readonly byte _first;

    private ReceivedPacket(byte first, ReadOnlySpan<byte> body, int length)
    {
        _first = first;
        Body = body;
        Length = length;
    }

    /// <summary>As the constants of <see cref="MqttPackets"/>.</summary>
    public byte Type => (byte)(_first & MqttPackets.TypeMask);

    /// <summary>Of the whole packet, in bytes.</summary>
    public int Length { get; }

    /// <summary>What follows the fixed header.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>Of a PUBLISH.</summary>
    public int QoS => (_first >> 1) & 3;

    /// <summary>Of a PUBLISH with QoS 1, and of a PUBACK.</summary>
    public ushort PacketId => Type == MqttPackets.Publish ? Number(Body, 2 + Topic.Length) : Number(Body, 0);

    /// <summary>Of a CONNACK, PUBACK, SUBACK of one filter or DISCONNECT; 0x80 and above are failures.</summary>
    public byte Reason => Type switch
    {
        MqttPackets.Connack => Body[1],
        MqttPackets.Puback => Body.Length > 2 ? Body[2] : (byte)0,
        MqttPackets.Suback => Body[^1],
        _ => Body.Length > 0 ? Body[0] : (byte)0,
    };

    public bool IsFailure => Reason >= 0x80;

    /// <summary>Of a CONNACK.</summary>
    public bool IsSessionPresent => Type == MqttPackets.Connack && (Body[0] & 1) != 0;

    /// <summary>Of a PUBLISH.</summary>
    public ReadOnlySpan<byte> Topic => Body.Slice(2, Number(Body, 0));

    /// <summary>Of a PUBLISH.</summary>
    public ReadOnlySpan<byte> Payload
    {
        get
        {
            var rest = Body[(2 + Topic.Length + (QoS == 0 ? 0 : 2))..];
            return TryReadLength(rest, out var properties, out var used) ? rest[(used + properties)..] : throw new InvalidDataException("A PUBLISH ends in its properties.");
        }
    }

    /// <summary>False when the packet is not complete yet.</summary>
    /// <exception cref="InvalidDataException">Not MQTT.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ReceivedPacket packet)
    {
        packet = default;
        if (bytes.Length < 2 || !TryReadLength(bytes[1..], out var length, out var used) || bytes.Length - 1 - used < length)
        {
            return false;
        }

        packet = new(bytes[0], bytes.Slice(1 + used, length), 1 + used + length);
        return true;
    }

    private static bool TryReadLength(ReadOnlySpan<byte> bytes, out int value, out int used)
    {
        (value, used) = (0, 0);
        while (used < bytes.Length)
        {
            value |= (bytes[used] & 0x7F) << (7 * used);
            if (bytes[used++] < 0x80)
            {
                return true;
            }

            if (used == MostLengthBytes)
            {
                throw new InvalidDataException("The answer is not MQTT.");
            }
        }

        return false;
    }

    private static ushort Number(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
}
