using System.Text;
using Zilla.Load.Mqtt.Wire;

namespace Zilla.Load.Mqtt.Noise;

/// <summary>
/// What a connection sends that means no good: packets of every family and both versions, each changed in some way, behind a sound CONNECT unless that is what is changed.
/// The same seed gives the same bytes.
/// </summary>
internal sealed class Malformed(int seed)
{
    private readonly Random _random = new(seed);
    private int _count;

    /// <summary>Families of packets, in whose turn the next one is changed.</summary>
    public static IReadOnlyList<string> Families { get; } =
        ["CONNECT", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "UNSUBSCRIBE", "PINGREQ", "DISCONNECT", "AUTH", "CONNACK", "SUBACK", "UNSUBACK", "PINGRESP", "0"];

    /// <summary>All that one connection sends.</summary>
    public byte[] Next()
    {
        var number = _count++;
        var (family, isFive) = (number % Families.Count, number / Families.Count % 2 == 0);
        var connect = Connect(isFive, $"noise-{seed}-{number}");
        var packet = family == 0 ? connect : Sample(family, isFive);
        for (var changes = 1 + _random.Next(3); changes > 0; changes--)
        {
            packet = Change(packet);
        }

        return family == 0 ? packet : [.. connect, .. packet];
    }

    private byte[] Change(byte[] packet)
    {
        if (packet.Length == 0)
        {
            return [(byte)_random.Next(256)];
        }

        var at = _random.Next(packet.Length);
        var changed = (byte[])packet.Clone();
        switch (_random.Next(9))
        {
            case 0: // one bit
                changed[at] ^= (byte)(1 << _random.Next(8));
                return changed;
            case 1: // flags of the fixed header
                changed[0] ^= (byte)(1 + _random.Next(15));
                return changed;
            case 2: // ends too early, with the length that it had
                return packet[..at];
            case 3: // ends too early, with a length that is right
                return MqttPackets.Packet(packet[0], Body(packet) is { Length: > 0 } body ? body[.._random.Next(body.Length)] : []);
            case 4: // goes on for too long
                return MqttPackets.Packet(packet[0], [.. Body(packet), .. Bytes(1 + _random.Next(40))]);
            case 5: // a length that promises megabytes, or is none
                return [packet[0], .. (ReadOnlySpan<byte>)(_random.Next(2) == 0 ? [0xFF, 0xFF, 0xFF, 0x7F] : [0x80, 0x80, 0x80, 0x80, 0x01]), .. Body(packet)];
            case 6: // anything in place of a part
                Bytes(Math.Min(4, packet.Length - at)).CopyTo(changed.AsSpan(at));
                return changed;
            case 7: // twice
                return [.. packet, .. packet];
            default: // no UTF-8, or a length beyond the packet, where a text may begin
                changed[at] = _random.Next(2) == 0 ? (byte)0xFF : (byte)0;
                return changed;
        }
    }

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Behind the first byte and the length; of samples, whose lengths have one byte, and of what came of them.</summary>
    private static byte[] Body(byte[] packet)
    {
        var length = 1;
        while (length < packet.Length && length < 4 && packet[length] >= 0x80)
        {
            length++;
        }

        return packet[Math.Min(packet.Length, length + 1)..];
    }

    private static byte[] Connect(bool isFive, string clientId)
    {
        byte[] properties = isFive ? [17, 0x11, 0, 0, 0, 0, 0x21, 0, 20, 0x26, 0, 1, (byte)'n', 0, 3, 1, 2, 3] : [];
        byte[] willProperties = isFive ? [5, 0x18, 0, 0, 0, 0] : [];
        return MqttPackets.Packet(0x10, [.. Text("MQTT"), (byte)(isFive ? 5 : 4), 0xC6, 0, 60, .. properties, .. Text(clientId), .. willProperties, .. Text("noise/will"), .. Text("gone"), .. Text("user"), .. Text("pass")]);
    }

    private static byte[] Sample(int family, bool isFive)
    {
        byte[] none = isFive ? [0] : [];
        byte[] reason = isFive ? [0, 8, 0x1F, 0, 5, .. "cause"u8] : [];
        return Families[family] switch
        {
            "PUBLISH" => MqttPackets.Packet(0x3D, [.. Text("noise/a"), 0, 7, .. (ReadOnlySpan<byte>)(isFive ? [12, 0x01, 1, 0x02, 0, 0, 0, 9, 0x03, 0, 2, (byte)'t', (byte)'x'] : []), .. "payload"u8]),
            "PUBACK" => MqttPackets.Packet(0x40, [0, 7, .. reason]),
            "PUBREC" => MqttPackets.Packet(0x50, [0, 7, .. reason]),
            "PUBREL" => MqttPackets.Packet(0x62, [0, 7, .. reason]),
            "PUBCOMP" => MqttPackets.Packet(0x70, [0, 7, .. reason]),
            "SUBSCRIBE" => MqttPackets.Packet(0x82, [0, 7, .. (ReadOnlySpan<byte>)(isFive ? [2, 0x0B, 5] : []), .. Text("noise/+"), 1, .. Text("$share/g/noise/#"), 1]),
            "UNSUBSCRIBE" => MqttPackets.Packet(0xA2, [0, 7, .. none, .. Text("noise/+")]),
            "PINGREQ" => [0xC0, 0],
            "DISCONNECT" => MqttPackets.Packet(0xE0, reason),
            "AUTH" => MqttPackets.Packet(0xF0, isFive ? [0x18, 4, 0x15, 0, 1, (byte)'m'] : []),
            "CONNACK" => MqttPackets.Packet(0x20, [0, 0, .. none]),
            "SUBACK" => MqttPackets.Packet(0x90, [0, 7, .. none, 1]),
            "UNSUBACK" => MqttPackets.Packet(0xB0, [0, 7, .. none, 0]),
            "PINGRESP" => [0xD0, 0],
            _ => [0x00, 0],
        };
    }

    private static byte[] Text(string text) => [(byte)(text.Length >> 8), (byte)text.Length, .. Encoding.ASCII.GetBytes(text)];
}
